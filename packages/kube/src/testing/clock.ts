import type { Clock } from '../clock.ts'

export interface TestClock extends Clock {
  /** Moves time on, waking whoever slept until then. */
  advance(ms: number): void
  /** Sets the time of day, as an administrator or a time server does; nobody wakes. */
  jump(ms: number): void
}

/** Time that stands still unless told to move. */
export function createTestClock(start = Date.parse('2026-01-01T00:00:00Z')): TestClock {
  let now = start
  let elapsed = 0
  const sleepers = new Set<{ at: number; wake: () => void }>()
  return {
    now: () => now,
    elapsed: () => elapsed,
    random: () => 0.5,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason as Error)
        const sleeper = { at: elapsed + ms, wake: resolve }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper)
          reject(signal.reason as Error)
        })
      }),
    jump: (ms) => {
      now += ms
    },
    advance: (ms) => {
      now += ms
      elapsed += ms
      for (const sleeper of sleepers) {
        if (sleeper.at > elapsed) continue
        sleepers.delete(sleeper)
        sleeper.wake()
      }
    },
  }
}
