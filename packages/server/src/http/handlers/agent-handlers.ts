import type { ClusterRow } from '@flotilla/api'
import type { Cluster } from '@flotilla/model'
import type { Services, SomeHandlers } from '../handler.ts'
import { clusterRow } from '../views/cluster-view.ts'

/** Clusters that an agent connects. */
export function agentHandlers({ deps, index }: Services): SomeHandlers<'agents'> {
  const rowOf = (cluster: Cluster): ClusterRow =>
    index.clusterRow(cluster.metadata.name) ??
    clusterRow({ cluster, entry: deps.fleet.get(cluster.metadata.name), deliveries: [] })
  return {
    'agents.add': async ({ body, caller, exchange }) => {
      const { cluster, ...invitation } = await deps.agents.add(body, caller.identity, exchange.signal)
      return { cluster: rowOf(cluster), ...invitation }
    },
    'agents.invite': async ({ params, body, exchange }) =>
      await deps.agents.invite(params.cluster, body, exchange.signal),
    'agents.rotate': async ({ params, exchange }) => {
      await deps.agents.rotate(params.cluster, exchange.signal)
      return { rotated: true }
    },
    'agents.revoke': async ({ params, exchange }) => {
      await deps.agents.revoke(params.cluster, exchange.signal)
      return { revoked: true }
    },
  }
}
