/** What the loop does with a key after it was worked on. */
export type Next =
  /** Nothing to do until something observed changes. */
  | { readonly next: 'settled' }
  /** Something failed that may go better; the queue backs off with jitter. */
  | { readonly next: 'retry'; readonly reason: string; readonly afterSeconds?: number }
  /** Look again after this long at the latest. */
  | { readonly next: 'waiting'; readonly seconds: number; readonly reason: string }
  /** Only a person's change can help; said in the status. */
  | { readonly next: 'stalled'; readonly reason: string }

/** One controller: what to do for one key. It is never called twice at once for the same key. */
export interface Controller {
  readonly name: string
  /** How many keys are worked on at once. */
  readonly concurrency: number
  work(key: string, signal: AbortSignal): Promise<Next>
}

/** A running controller. `enqueue` is cheap and may be called as often as one likes: a waiting key is there once. */
export interface RunningController {
  enqueue(key: string): void
  /** Resolves when the keys being worked on have ended; each is given the abort signal first. */
  stop(): Promise<void>
}
