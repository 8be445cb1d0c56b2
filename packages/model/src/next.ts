/** What a loop does with a key after it was worked on. */
export type Next =
  /** Nothing to do until something observed changes. */
  | { readonly next: 'settled' }
  /** Something failed that may go better; the queue backs off with jitter. */
  | { readonly next: 'retry'; readonly reason: string; readonly afterSeconds?: number }
  /** Look again after this long at the latest. */
  | { readonly next: 'waiting'; readonly seconds: number; readonly reason: string }
  /** Only a person's change can help; said in the status. */
  | { readonly next: 'stalled'; readonly reason: string }

export const settled: Next = { next: 'settled' }
export const retry = (reason: string, afterSeconds?: number): Next =>
  afterSeconds === undefined ? { next: 'retry', reason } : { next: 'retry', reason, afterSeconds }
export const waiting = (seconds: number, reason: string): Next => ({ next: 'waiting', seconds, reason })
export const stalled = (reason: string): Next => ({ next: 'stalled', reason })
