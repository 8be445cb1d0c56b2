import type { Clock } from '@flotilla/kube'
import { asFlotillaError, FlotillaError, type Next } from '@flotilla/model'

export interface QueueOptions {
  /** Works on one key; never called twice at once for one key. What it throws counts as `retry`. */
  /** Until it resolves nothing is worked on: what is enqueued meanwhile waits, each key once. */
  readonly begin?: Promise<unknown> | undefined
  readonly work: (key: string, signal: AbortSignal) => Promise<Next>
  readonly concurrency: number
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onEnd?: (key: string, outcome: WorkOutcome) => void
  readonly limits?: Partial<QueueLimits> | undefined
}

export interface QueueLimits {
  /** Back-off of the first failure; doubles with each one. The wait is drawn from [0, back-off): full jitter. */
  readonly baseMs: number
  readonly maxMs: number
  /** A failing key is tried again at most this often, however often it is enqueued: its own writes may come back as events. */
  readonly nudgeMs: number
  /** Longest that one pass over a key may take; its signal aborts then. */
  readonly deadlineMs: number
}

export const defaultLimits: QueueLimits = { baseMs: 200, maxMs: 300_000, nudgeMs: 1_000, deadlineMs: 900_000 }

export interface WorkOutcome {
  readonly next: Next
  readonly ms: number
  /** Failures in a row, this one included. */
  readonly failures: number
  /** What was thrown, if that is how the pass ended. */
  readonly thrown?: unknown
}

export interface QueueStats {
  /** Keys that could be worked on now. */
  readonly depth: number
  readonly active: number
  /** Keys that wait for a time. */
  readonly delayed: number
  readonly worked: number
  readonly failed: number
  /** Sum over all passes. */
  readonly workMs: number
  readonly longestMs: number
}

export interface Queue {
  enqueue(key: string): void
  stats(): QueueStats
  stop(): Promise<void>
}

type KeyState =
  | { at: 'ready' }
  | { at: 'active'; again: boolean }
  | { at: 'delayed'; due: number; notBefore: number; timer: AbortController }

/**
 * A queue of keys: each waits at most once, none is worked on twice at once, one that comes while it is worked on is
 * worked on once more. A failing key backs off by itself and holds up no other.
 */
export function createQueue(options: QueueOptions): Queue {
  const { clock, concurrency } = options
  const limits = { ...defaultLimits, ...options.limits }
  // one controller for all: AbortSignal.any per pass would leave a trail on a signal that lives as long as the process
  const ending = new AbortController()
  const { signal } = ending
  const states = new Map<string, KeyState>()
  const ready = new Set<string>()
  const failures = new Map<string, number>()
  const running = new Set<Promise<void>>()
  let begun = options.begin === undefined
  async function begin(): Promise<void> {
    await options.begin
    begun = true
    pump()
  }
  if (!begun) void begin()
  const count = { worked: 0, failed: 0, workMs: 0, longestMs: 0 }

  function makeReady(key: string): void {
    states.set(key, { at: 'ready' })
    ready.add(key)
    pump()
  }

  function delay(key: string, ms: number, notBefore: number): void {
    const timer = new AbortController()
    const state: KeyState = { at: 'delayed', due: clock.elapsed() + ms, notBefore, timer }
    states.set(key, state)
    void clock
      .sleep(ms, timer.signal)
      .then(() => states.get(key) === state && makeReady(key))
      .catch(() => 'woken early, or the queue ends')
  }

  function enqueue(key: string): void {
    if (signal.aborted) return
    const state = states.get(key)
    if (state === undefined) return makeReady(key)
    if (state.at === 'active') {
      state.again = true
    } else if (state.at === 'delayed') {
      const wait = state.notBefore - clock.elapsed()
      if (wait <= 0) {
        state.timer.abort()
        makeReady(key)
      } else if (state.due > state.notBefore) {
        state.timer.abort()
        delay(key, wait, state.notBefore)
      }
    }
  }

  function pump(): void {
    if (!begun) return
    while (!signal.aborted && running.size < concurrency) {
      const [key] = ready
      if (key === undefined) return
      ready.delete(key)
      const pass: Promise<void> = workOn(key).finally(() => {
        running.delete(pass)
        pump()
      })
      running.add(pass)
    }
  }

  async function workOn(key: string): Promise<void> {
    const state: KeyState = { at: 'active', again: false }
    states.set(key, state)
    const started = clock.elapsed()
    const { next, thrown } = await attempt(key)
    const ms = clock.elapsed() - started
    const failed = next.next === 'retry' ? (failures.get(key) ?? 0) + 1 : 0
    if (failed > 0) failures.set(key, failed)
    else failures.delete(key)
    count.worked++
    count.workMs += ms
    count.longestMs = Math.max(count.longestMs, ms)
    if (failed > 0) count.failed++
    states.delete(key)
    if (!signal.aborted) {
      options.onEnd?.(key, { next, ms, failures: failed, ...(thrown === undefined ? {} : { thrown: thrown.error }) })
      schedule(key, next, failed, state.again)
    }
  }

  async function attempt(key: string): Promise<{ next: Next; thrown?: { error: unknown } }> {
    const pass = new AbortController()
    const end = (): void => pass.abort(signal.reason)
    const tooLong = new FlotillaError('cluster.timeout', { message: `Took longer than ${limits.deadlineMs / 1000} s` })
    const deadline = setTimeout(() => pass.abort(tooLong), limits.deadlineMs)
    signal.addEventListener('abort', end, { once: true })
    try {
      return { next: await options.work(key, pass.signal) }
    } catch (error) {
      const { message, retryAfter } = asFlotillaError(error)
      const after = retryAfter === undefined ? {} : { afterSeconds: retryAfter }
      return { next: { next: 'retry', reason: message, ...after }, thrown: { error } }
    } finally {
      clearTimeout(deadline)
      signal.removeEventListener('abort', end)
    }
  }

  function schedule(key: string, next: Next, failed: number, again: boolean): void {
    if (next.next === 'retry') {
      const backoff = Math.min(limits.maxMs, limits.baseMs * 2 ** Math.min(failed - 1, 30))
      const asked = (next.afterSeconds ?? 0) * 1000
      const wait = asked + clock.random() * Math.max(backoff, asked * 0.2)
      const nudge = failed > 1 ? limits.nudgeMs : 0
      const least = Math.max(asked, nudge)
      delay(key, again ? Math.min(wait, least) : wait, clock.elapsed() + least)
    } else if (again) {
      makeReady(key)
    } else if (next.next === 'waiting') {
      delay(key, Math.max(0, next.seconds * 1000), clock.elapsed())
    }
  }

  function end(): void {
    ending.abort(options.signal.aborted ? options.signal.reason : undefined)
    ready.clear()
    for (const state of states.values()) if (state.at === 'delayed') state.timer.abort()
    options.signal.removeEventListener('abort', end)
  }
  if (options.signal.aborted) end()
  else options.signal.addEventListener('abort', end, { once: true })

  return {
    enqueue,
    stats: () => {
      let delayed = 0
      for (const state of states.values()) if (state.at === 'delayed') delayed++
      return { depth: ready.size, active: running.size, delayed, ...count }
    },
    stop: async () => {
      end()
      await Promise.all(running)
      states.clear()
    },
  }
}
