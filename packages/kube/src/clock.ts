import { setTimeout as wait } from 'node:timers/promises'

/** Time, from outside, so that tests own it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /**
   * Milliseconds since some moment: for how long something took, or is to last. Unlike `now` it does not jump when
   * somebody sets the time. It stands still while the machine sleeps.
   */
  elapsed(): number
  /** Rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** In [0, 1). */
  random(): number
}

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => Math.floor(performance.now()),
  sleep: async (ms, signal) => {
    signal?.throwIfAborted()
    try {
      await wait(ms, undefined, signal === undefined ? {} : { signal })
    } catch (thrown) {
      signal?.throwIfAborted()
      throw thrown
    }
  },
  random: () => Math.random(),
}
