/** How the last attempt went, for the time until the next one. */
export type Outcome =
  /** Nothing was reached, or the tunnel ended. */
  | { readonly kind: 'lost'; readonly retryAfter?: number | undefined }
  /** The server said no: the token is not good, or a newer agent of this cluster is connected. */
  | { readonly kind: 'refused'; readonly retryAfter?: number | undefined }

const firstMs = 2_000
const mostMs = 10_000
const refusedMs = 30_000
/** A server cannot send an agent away for longer. */
const mostRetryAfterMs = 300_000

/**
 * Milliseconds to the next attempt, `failures` of which went wrong before: full jitter, so that a hundred agents of a
 * server that was restarted come back one after another.
 */
export function nextWait(outcome: Outcome, failures: number, random: () => number): number {
  const most = outcome.kind === 'refused' ? refusedMs : mostMs
  const wait = random() * Math.min(most, firstMs * 2 ** Math.min(failures, 8))
  return Math.min((outcome.retryAfter ?? 0) * 1000, mostRetryAfterMs) + wait
}
