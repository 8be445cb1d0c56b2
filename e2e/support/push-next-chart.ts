import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Fleet } from '@flotilla/local'

const chart = path.resolve(import.meta.dirname, '../../examples/shop/chart')

/** The next version of the shop's chart, with its own images: what the fleet's registry has beside the first. */
export async function pushNextChart(fleet: Fleet, version: string): Promise<void> {
  const dir = await mkdtemp(path.join(tmpdir(), 'flotilla-chart-'))
  try {
    const folder = path.join(dir, 'shop')
    await cp(chart, folder, { recursive: true })
    const file = path.join(folder, 'Chart.yaml')
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll('1.0.0', version))
    await fleet.registry.pushChart(folder)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
