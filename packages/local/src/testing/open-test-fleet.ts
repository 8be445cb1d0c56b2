import path from 'node:path'
import { attachFleet, isFleetReady, startFleet, type ClusterSpec, type Fleet } from '../fleet.ts'
import { readFleetRecord } from '../fleet-record.ts'
import { cacheRoot } from '../paths.ts'

export const testClusters: readonly ClusterSpec[] = [{ name: 'hub' }, { name: 'east' }, { name: 'west' }]

/**
 * The least that a test of one member needs. `east` is then the host as a member of itself: a cluster takes a tenth of a
 * core even when nothing happens, and a gigabyte.
 */
export const soloClusters: readonly ClusterSpec[] = [{ name: 'hub' }]

/**
 * The fleet that tests on real clusters use: hub, east and west. In a whole run it is the one that scripts/test.ts
 * started (FLOTILLA_TEST_FLEET names its fleet.json); for a single file it is one that is started once and stays, so
 * that the next run begins at once. Tests must not assume an empty cluster, and remove what they made.
 */
export async function openTestFleet(): Promise<Fleet> {
  const file = process.env['FLOTILLA_TEST_FLEET']
  if (file !== undefined && file !== '') {
    const fleet = await attachFleet(path.dirname(file))
    const { hub } = fleet.clusters
    return hub === undefined ? fleet : { ...fleet, clusters: { east: hub, ...fleet.clusters } }
  }
  const dir = path.join(cacheRoot(), 'test-fleet')
  const record = await readFleetRecord(dir)
  if (record !== undefined && record.clusters.length >= testClusters.length && (await isFleetReady(record))) {
    return attachFleet(dir)
  }
  return startFleet({
    dir,
    name: 'test',
    clusters: testClusters,
    onProgress: (report) => process.stderr.write(`${report.step}: ${report.text}\n`),
  })
}
