import type { Known } from '@flotilla/model'
import type { KubeClient } from '@flotilla/kube'

export type ConnectionState =
  | { readonly state: 'connecting'; readonly since: string }
  | { readonly state: 'connected'; readonly since: string; readonly version: string }
  | { readonly state: 'lost'; readonly since: string; readonly reason: string }

export interface ClusterEntry {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly edge: boolean
  readonly connection: ConnectionState
}

/** The members as the server sees them now. The host is not among them unless it was added as a Cluster. */
export interface FleetConnections {
  /** The host cluster, as the platform itself. */
  readonly host: KubeClient
  list(): readonly ClusterEntry[]
  get(cluster: string): ClusterEntry | undefined
  /** A member as the platform. Known also while the cluster is lost, so that a probe can find it back; unknown when there is no such cluster or no usable credential. */
  client(cluster: string): Known<KubeClient>
  /** A member as a project's delivery group. */
  deliveryClient(cluster: string, projectUid: string): Known<KubeClient>
  /** Called after a cluster was added, changed, lost, found back or removed. Returns the way to stop listening. */
  onChange(listener: (cluster: string) => void): () => void
}
