import type { Clock } from './clock.ts'
import type { ClusterConnection } from './connection.ts'
import type { KubeClient } from './kube-client.ts'

export interface KubeClientOptions {
  /** The cluster's name, as people know it. */
  readonly name: string
  readonly connection: ClusterConnection
  /** Such as `flotilla-server/0.1.0`. */
  readonly userAgent: string
  readonly limits?: Partial<ClientLimits> | undefined
  readonly clock?: Clock | undefined
}

export interface ClientLimits {
  /** Requests at the same time, and so connections kept. */
  readonly concurrency: number
  /** Requests that may wait for their turn; more are refused. */
  readonly queue: number
  /** Watches, logs and proxied streams open at the same time. */
  readonly streams: number
  readonly timeoutMs: number
  readonly retries: number
  /** Transport failures in a row that open the breaker. */
  readonly breakerFailures: number
  /** Longest wait between two probes of a cluster that does not answer. */
  readonly breakerMaxWaitMs: number
  /** While streams are open and nothing is heard for this long, the API server is asked whether it is there; 0 for never. */
  readonly heartbeatMs: number
}

export function createKubeClient(options: KubeClientOptions): KubeClient {
  throw new Error(`not built yet: ${options.name}`)
}
