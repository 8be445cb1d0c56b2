import { mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import { startFleet } from '../fleet.ts'
import { recordFile } from '../fleet-record.ts'
import { cleanLeftovers, removeFleet } from '../fleet-stop.ts'
import { readFleetRecord } from '../fleet-record.ts'
import { cacheRoot } from '../paths.ts'
import { mkdir } from 'node:fs/promises'
import { renderReport } from '../cli/print-progress.ts'
import { testClusters } from './open-test-fleet.ts'

/** One fleet for a whole run of the tests. `file` is what FLOTILLA_TEST_FLEET is to name. */
export async function startRunFleet(onLine: (line: string) => void): Promise<{ file: string; stop(): Promise<void> }> {
  for (const name of await cleanLeftovers()) onLine(`cleaned what is left of fleet ${name}`)
  const runs = path.join(cacheRoot(), 'test-runs')
  await mkdir(runs, { recursive: true })
  const dir = await mkdtemp(path.join(runs, 'run-'))
  const stop = async () => {
    const record = await readFleetRecord(dir)
    if (record === undefined) await rm(dir, { recursive: true, force: true })
    else await removeFleet(record)
  }
  try {
    await startFleet({
      dir,
      name: 'test run',
      clusters: testClusters,
      owned: true,
      onProgress: (report) => onLine(renderReport(report)),
    })
  } catch (error) {
    await stop()
    throw error
  }
  return { file: recordFile(dir), stop }
}
