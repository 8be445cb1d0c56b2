import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Fleet } from '@flotilla/local'

/** Packs and pushes a chart of these files to the fleet's registry; its address as a component's `oci` wants it. */
export async function pushChart(
  { registry }: Pick<Fleet, 'registry'>,
  name: string,
  version: string,
  files: Readonly<Record<string, string>>,
): Promise<{ url: string; version: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-chart-'))
  const all = {
    'Chart.yaml': `apiVersion: v2\nname: ${name}\nversion: ${version}\nappVersion: "${version}"\n`,
    ...files,
  }
  for (const [path, text] of Object.entries(all)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  const address = await registry.pushChart(folder)
  await rm(folder, { recursive: true })
  return { url: address.slice(0, address.lastIndexOf(':')), version }
}
