export interface ClientLimits {
  /** Requests at the same time, and so connections kept. */
  readonly concurrency: number
  /** Requests that may wait for their turn; more are refused. */
  readonly queue: number
  /** Watches, logs and proxied streams open at the same time. */
  readonly streams: number
  /** Deadline of a call that names none. */
  readonly timeoutMs: number
  /** Repeats of a call that may be repeated. */
  readonly retries: number
  /** Transport failures in a row that open the breaker. */
  readonly breakerFailures: number
  /** Longest wait between two probes of a cluster that does not answer. */
  readonly breakerMaxWaitMs: number
  /** While streams are open and nothing is heard for this long, the API server is asked whether it is there; 0 for never. */
  readonly heartbeatMs: number
}

export const defaultLimits: ClientLimits = {
  concurrency: 24,
  queue: 2_000,
  streams: 512,
  timeoutMs: 30_000,
  retries: 4,
  breakerFailures: 5,
  breakerMaxWaitMs: 3_000,
  heartbeatMs: 10_000,
}
