import type { Cluster, ClusterNetworkPolicy, Delivery } from '@flotilla/model'
import type { ClusterDetail, ClusterRow } from '@flotilla/api'
import type { ClusterEntry, ConnectionState } from '../../fleet/connections.ts'
import { healthOf } from './target-view.ts'

export interface ClusterParts {
  readonly cluster: Cluster
  readonly entry: ClusterEntry | undefined
  readonly deliveries: readonly Delivery[]
}

export function clusterRow({ cluster, entry, deliveries }: ClusterParts): ClusterRow {
  const { metadata, spec, status } = cluster
  const healths = deliveries.map((delivery) => healthOf(delivery, entry))
  const unknown = healths.filter((health) => health === 'Unknown').length
  const healthy = healths.filter((health) => health === 'Healthy' || health === 'Suspended').length
  return {
    name: metadata.name,
    displayName: spec.displayName,
    labels: metadata.labels ?? {},
    edge: spec.edge,
    connection: connectionOf(cluster, entry),
    server: spec.connection.server ?? '',
    version: status?.version,
    nodes: status?.nodes,
    capacity: status?.capacity,
    allocatable: status?.allocatable,
    requested: status?.requested,
    lacks: status?.lacks ?? [],
    ...(status?.networkPolicy === undefined ? {} : { networkPolicy: networkOf(status.networkPolicy) }),
    deliveries: { total: healths.length, healthy, unknown, unhealthy: healths.length - healthy - unknown },
    message: entry?.connection.state === 'lost' ? entry.connection.reason : emptyToAbsent(status?.message),
    createdAt: metadata.creationTimestamp ?? '',
    removing: metadata.deletionTimestamp !== undefined,
  }
}

export function clusterDetail(parts: ClusterParts): ClusterDetail {
  const { cluster, deliveries } = parts
  return {
    ...clusterRow(parts),
    uid: cluster.metadata.uid ?? '',
    clusterUid: cluster.status?.uid,
    conditions: cluster.status?.conditions ?? [],
    applications: deliveries.slice(0, 1000).map(({ spec }) => ({
      project: spec.project.name,
      application: spec.application.name,
      namespace: spec.target.namespace,
    })),
  }
}

const networkOf = ({ state, since, checkedAt, message }: ClusterNetworkPolicy): ClusterRow['networkPolicy'] => ({
  state,
  since,
  checkedAt,
  message,
})

/** Before the server has tried a cluster, what its status said last does not count as seen. */
function connectionOf(cluster: Cluster, entry: ClusterEntry | undefined): ConnectionState {
  if (entry !== undefined) return entry.connection
  return { state: 'connecting', since: cluster.metadata.creationTimestamp ?? '' }
}

const emptyToAbsent = (text: string | undefined): string | undefined => (text === '' ? undefined : text)
