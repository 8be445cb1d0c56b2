import { registryOf } from '../fleet.ts'
import { readFleetRecord } from '../fleet-record.ts'
import { isCut } from '../cut.ts'
import { observeKeeper } from '../keeper.ts'
import { requestKube } from '../kube-request.ts'
import { readAccess } from '../kubeconfig.ts'
import { clusterPaths, daemonPaths } from '../paths.ts'
import { serverOf } from '../cluster-start.ts'
import { findServerUrl } from '../platform.ts'

export interface ClusterStatus {
  readonly name: string
  readonly server: string
  readonly state: 'ready' | 'starting' | 'cut' | 'stopped'
}

/** What runs of the fleet in a folder, as text or as JSON. */
export async function renderStatus(dir: string, asJson: boolean): Promise<string> {
  const fleet = await readFleetRecord(dir)
  if (fleet === undefined) return asJson ? '{"clusters":[]}' : 'There is no local fleet. Start one with `make up`.'
  const clusters = await Promise.all(
    fleet.clusters.map(async (cluster): Promise<ClusterStatus> => {
      const server = serverOf(fleet, cluster)
      const paths = clusterPaths(dir, cluster.name)
      const keeper = await observeKeeper(paths.keeperStatus)
      if (keeper === undefined) return { name: cluster.name, server, state: 'stopped' }
      if (await isCut(keeper.insidePid)) return { name: cluster.name, server, state: 'cut' }
      const access = await readAccess(paths.pki, 'admin', cluster.name, server)
      const ready = await requestKube(access, 'GET', '/readyz', { timeoutMs: 3000 }).catch(() => undefined)
      return { name: cluster.name, server, state: ready?.status === 200 ? 'ready' : 'starting' }
    }),
  )
  const registry = {
    address: registryOf(fleet),
    running: (await observeKeeper(daemonPaths(dir, 'registry').keeperStatus)) !== undefined,
  }
  const server = { url: await findServerUrl(dir) }
  if (asJson) return JSON.stringify({ dir, clusters, registry, server }, null, 2)
  return [
    ...clusters.map(({ name, state, server }) => `${name.padEnd(12)} ${state.padEnd(9)} ${server}`),
    `${'registry'.padEnd(12)} ${(registry.running ? 'ready' : 'stopped').padEnd(9)} http://${registry.address}`,
    `${'flotilla'.padEnd(12)} ${(server.url === undefined ? 'stopped' : 'running').padEnd(9)} ${server.url ?? ''}`,
  ].join('\n')
}
