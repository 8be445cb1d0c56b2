import type { Next } from '@flotilla/model'
import type { QueueStats } from './queue.ts'

export type { Next } from '@flotilla/model'

/** One controller: what to do for one key. It is never called twice at once for the same key. */
export interface Controller {
  readonly name: string
  /** How many keys are worked on at once. */
  readonly concurrency: number
  work(key: string, signal: AbortSignal): Promise<Next>
}

/** A running controller. `enqueue` is cheap and may be called as often as one likes: a waiting key is there once. */
export interface RunningController {
  readonly name: string
  enqueue(key: string): void
  /** What the queue looks like now, and what it did so far. */
  stats(): QueueStats
  /** Resolves when the keys being worked on have ended; each is given the abort signal first. */
  stop(): Promise<void>
}
