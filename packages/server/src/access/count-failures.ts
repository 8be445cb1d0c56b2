export interface Failures {
  readonly count: number
  /** Milliseconds since the epoch; 0 when not locked. */
  readonly lockedUntil: number
}

export const noFailures: Failures = { count: 0, lockedUntil: 0 }
export const failuresBeforeLock = 10
const firstLockMs = 30_000
const longestLockMs = 15 * 60_000

/** One more failure: from the tenth on it locks, twice as long each time. */
export function computeFailures(before: Failures, now: number, allowed = failuresBeforeLock): Failures {
  const count = before.count + 1
  if (count < allowed) return { count, lockedUntil: 0 }
  const lockMs = Math.min(firstLockMs * 2 ** Math.min(count - allowed, 20), longestLockMs)
  return { count, lockedUntil: now + lockMs }
}
