/** What is known of a cluster's connection. */
export type ConnectionState =
  | { readonly state: 'closed' }
  | { readonly state: 'open'; readonly since: number; readonly reason: string }
  | { readonly state: 'half-open'; readonly since: number; readonly reason: string }

/** Connections of one cluster: pool, breaker, limits. */
export interface Transport {
  readonly name: string
  readonly breaker: ConnectionState
  /** Called on each change of the breaker; returns the way to stop. */
  onBreaker(listener: (state: ConnectionState) => void): () => void
  close(): Promise<void>
}
