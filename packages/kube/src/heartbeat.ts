import type { Breaker } from './breaker.ts'
import type { Clock } from './clock.ts'

/** Finds out that a cluster fell silent while streams are open, and that one which was given up is back. */
export interface Heartbeat {
  /** Milliseconds since the epoch; 0 before anything was heard. */
  readonly lastHeard: number
  /** For how long nothing was heard, in milliseconds. */
  readonly silentMs: number
  heard(): void
  /** Counts one more open stream; returns the way to end it. */
  opened(): () => void
  whenReachable(signal: AbortSignal): Promise<void>
}

export interface HeartbeatOptions {
  readonly clock: Clock
  readonly intervalMs: number
  readonly breaker: Breaker
  /** Ends everything. */
  readonly signal: AbortSignal
  /** Rejects when the API server cannot be asked. */
  readonly probe: (timeoutMs: number) => Promise<void>
}

const probeTimeoutMs = 5_000
const shortestPauseMs = 100

export function createHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { clock, intervalMs, breaker, signal, probe } = options
  let lastHeard = 0
  let heardAt = Number.NEGATIVE_INFINITY
  const silentMs = (): number => clock.elapsed() - heardAt
  const open = { streams: 0, waiters: 0 }
  let beating = false
  let probing = false

  /** Two unanswered questions in a row prove the silence. */
  async function beat(): Promise<void> {
    beating = true
    try {
      while (open.streams > 0 && !signal.aborted) {
        await clock.sleep(Math.max(shortestPauseMs, intervalMs - silentMs()), signal)
        if (open.streams === 0 || breaker.state.state !== 'closed' || silentMs() < intervalMs) continue
        const timeoutMs = Math.min(probeTimeoutMs, intervalMs)
        if (await answers(timeoutMs)) continue
        if (!(await answers(timeoutMs))) breaker.trip(lastHeard, 'it fell silent: two heartbeats went unanswered.')
      }
    } catch {
      // Only the sleep can fail, when the client was closed.
    } finally {
      beating = false
    }
  }

  async function answers(timeoutMs: number): Promise<boolean> {
    return probe(timeoutMs).then(
      () => true,
      () => false,
    )
  }

  async function probeUntilBack(): Promise<void> {
    probing = true
    try {
      while (open.waiters > 0 && breaker.state.state !== 'closed') {
        await clock.sleep(Math.max(shortestPauseMs, breaker.probeInMs), signal)
        if (breaker.state.state === 'open') await answers(probeTimeoutMs)
      }
    } catch {
      // As above.
    } finally {
      probing = false
    }
  }

  return {
    get lastHeard() {
      return lastHeard
    },
    get silentMs() {
      return silentMs()
    },
    heard: () => {
      lastHeard = clock.now()
      heardAt = clock.elapsed()
    },
    opened: () => {
      open.streams++
      if (intervalMs > 0 && !beating) void beat()
      let ended = false
      return () => {
        if (!ended) open.streams--
        ended = true
      }
    },
    whenReachable: (waiting) => {
      if (breaker.state.state === 'closed') return Promise.resolve()
      return new Promise((resolve, reject) => {
        const any = AbortSignal.any([waiting, signal])
        const settle = (act: () => void): void => {
          open.waiters--
          stop()
          any.removeEventListener('abort', abort)
          act()
        }
        const abort = (): void => settle(() => reject(any.reason as Error))
        const stop = breaker.onChange((state) => {
          if (state.state === 'closed') settle(resolve)
        })
        open.waiters++
        if (any.aborted) return abort()
        any.addEventListener('abort', abort, { once: true })
        if (!probing) void probeUntilBack()
      })
    },
  }
}
