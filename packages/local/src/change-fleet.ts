import { rm } from 'node:fs/promises'
import path from 'node:path'
import { FlotillaError } from '@flotilla/model'
import { withFileLock } from './file-lock.ts'
import { startFleet, type ClusterSpec, type Fleet, type StartFleetOptions } from './fleet.ts'
import { readFleetRecord, writeFleetRecord } from './fleet-record.ts'
import { stopKeeper } from './keeper.ts'
import { clusterPaths } from './paths.ts'

/** Starts one more cluster in the fleet of a folder. */
export async function addCluster(
  dir: string,
  cluster: ClusterSpec,
  options: Pick<StartFleetOptions, 'onProgress' | 'signal'>,
): Promise<Fleet> {
  const fleet = await readFleetRecord(dir)
  return startFleet({ dir, name: fleet?.name ?? 'local', clusters: [cluster], ...options })
}

/** Stops a cluster, removes its data and forgets it. */
export async function removeCluster(dir: string, name: string): Promise<void> {
  await withFileLock(path.join(dir, '.lock'), async () => {
    const fleet = await readFleetRecord(dir)
    if (fleet?.clusters.some((cluster) => cluster.name === name) !== true) {
      throw new FlotillaError('request.not_found', {
        field: 'NAME',
        value: name,
        message: `There is no cluster ${name} in this fleet`,
        remedy: 'See `flotilla local status`.',
      })
    }
    const paths = clusterPaths(dir, name)
    await stopKeeper(paths.keeperStatus)
    await rm(paths.dir, { recursive: true, force: true })
    await writeFleetRecord({ ...fleet, clusters: fleet.clusters.filter((cluster) => cluster.name !== name) })
  })
}
