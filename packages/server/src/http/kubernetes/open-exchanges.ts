import type { Log } from '@flotilla/engine'
import type { Clock } from '@flotilla/kube'

/** One request, watch or socket that is passed on for a person. */
export interface Exchange {
  readonly tokenHash: string
  /** Undefined for the host itself. */
  readonly cluster: string | undefined
  /** The groups that it was opened with. */
  readonly groups: readonly string[]
}

export interface OpenExchanges {
  /** Undefined when the session, or the server, has as many as it may have. */
  open(exchange: Exchange): { readonly signal: AbortSignal; close(): void } | undefined
  readonly size: number
  /** Looks at all of them now: a person was disabled, a membership taken away. */
  check(): void
  /** Ends all of them. */
  stop(): void
}

export interface ExchangeLimits {
  readonly all: number
  readonly ofOneSession: number
  readonly checkMs: number
  /** For so long an exchange goes on although whether it still may cannot be found out. */
  readonly unsureMs: number
}

export const exchangeLimits: ExchangeLimits = { all: 10_000, ofOneSession: 500, checkMs: 1_000, unsureMs: 3_000 }

/** The groups that a session has in a cluster now; undefined when it is over or reaches the cluster no longer. */
export type CurrentGroups = (tokenHash: string, cluster: string | undefined) => Promise<readonly string[] | undefined>

/** What is open is asked about again and again, one question per session and cluster, and ended when a right is gone. */
export function createOpenExchanges(options: {
  readonly currentGroups: CurrentGroups
  readonly clock: Pick<Clock, 'elapsed'>
  readonly log: Log
  readonly limits: ExchangeLimits
}): OpenExchanges {
  const { currentGroups, clock, log, limits } = options
  interface Open extends Exchange {
    readonly ending: AbortController
    sureAt: number
  }
  const bySession = new Map<string, Set<Open>>()
  let size = 0
  let checking = false
  let again = false

  const end = (one: Open, why: string): void => one.ending.abort(new Error(why))

  async function checkSession(tokenHash: string, all: ReadonlySet<Open>): Promise<void> {
    for (const cluster of new Set([...all].map((one) => one.cluster))) {
      const those = [...all].filter((one) => one.cluster === cluster)
      try {
        const groups = await currentGroups(tokenHash, cluster)
        for (const one of those) {
          one.sureAt = clock.elapsed()
          if (groups === undefined) end(one, 'the session is over, or the cluster is out of reach for this person')
          else if (one.groups.some((group) => !groups.includes(group))) end(one, 'a role was taken away')
        }
      } catch (thrown) {
        log.warn('open requests not checked', { reason: thrown instanceof Error ? thrown.message : String(thrown) })
        for (const one of those)
          if (clock.elapsed() - one.sureAt > limits.unsureMs) end(one, 'whether the session is still open is not known')
      }
    }
  }

  async function checkAll(): Promise<void> {
    if (checking) {
      again = true
      return
    }
    checking = true
    try {
      do {
        again = false
        for (const [tokenHash, all] of bySession) await checkSession(tokenHash, all)
      } while (again)
    } finally {
      checking = false
    }
  }

  const timer = setInterval(() => void checkAll(), limits.checkMs)
  timer.unref()

  return {
    get size() {
      return size
    },
    open: (exchange) => {
      const mine = bySession.get(exchange.tokenHash) ?? new Set()
      if (size >= limits.all || mine.size >= limits.ofOneSession) return undefined
      const one: Open = { ...exchange, ending: new AbortController(), sureAt: clock.elapsed() }
      bySession.set(exchange.tokenHash, mine.add(one))
      size++
      return {
        signal: one.ending.signal,
        close: () => {
          if (!mine.delete(one)) return
          size--
          if (mine.size === 0 && bySession.get(exchange.tokenHash) === mine) bySession.delete(exchange.tokenHash)
        },
      }
    },
    check: () => void checkAll(),
    stop: () => {
      clearInterval(timer)
      for (const all of bySession.values()) for (const one of all) end(one, 'the server stops')
    },
  }
}
