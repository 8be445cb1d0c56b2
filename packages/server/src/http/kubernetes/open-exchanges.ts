import type { Log } from '@flotilla/engine'
import type { Clock } from '@flotilla/kube'
import type { TokenScope } from '../../store/store.ts'

/** One request, watch or socket that is passed on for a person. */
export interface Exchange {
  readonly tokenHash: string
  readonly userUid: string
  /** Of an API token. */
  readonly scope?: TokenScope | undefined
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

/** Sessions that the store is asked for at the same time. */
const atOnce = 32

export const exchangeLimits: ExchangeLimits = { all: 10_000, ofOneSession: 500, checkMs: 1_000, unsureMs: 3_000 }

/** The groups that a person has in a cluster now; undefined when they are gone, disabled, or reach it no longer. */
export type CurrentGroups = (exchange: Pick<Exchange, 'userUid' | 'cluster' | 'scope'>) => readonly string[] | undefined

/**
 * What is open is looked at again and again, and ended when its person or a right of theirs is gone, which memory
 * knows, or its session, which the store is asked for.
 */
export function createOpenExchanges(options: {
  readonly currentGroups: CurrentGroups
  readonly isOpen: (tokenHash: string) => Promise<boolean>
  readonly clock: Pick<Clock, 'elapsed'>
  readonly log: Log
  readonly limits: ExchangeLimits
}): OpenExchanges {
  const { currentGroups, isOpen, clock, log, limits } = options
  interface Open extends Exchange {
    readonly ending: AbortController
    sureAt: number
  }
  const bySession = new Map<string, Set<Open>>()
  let size = 0
  let checking = false
  let again = false

  const end = (one: Open, why: string): void => one.ending.abort(new Error(why))

  /** What memory knows waits for no store. */
  function checkRights(all: ReadonlySet<Open>): void {
    for (const one of all) {
      const groups = currentGroups(one)
      if (groups === undefined) end(one, 'the person, or their way to the cluster, is gone')
      else if (one.groups.some((group) => !groups.includes(group))) end(one, 'a role was taken away')
    }
  }

  async function checkSession(tokenHash: string, all: ReadonlySet<Open>): Promise<void> {
    try {
      const is = await within(limits.unsureMs, isOpen(tokenHash))
      for (const one of all) {
        one.sureAt = clock.elapsed()
        if (!is) end(one, 'the session is over')
      }
    } catch (thrown) {
      log.warn('open requests not checked', { reason: thrown instanceof Error ? thrown.message : String(thrown) })
      for (const one of all)
        if (clock.elapsed() - one.sureAt > limits.unsureMs) end(one, 'whether the session is still open is not known')
    }
  }

  async function checkAll(): Promise<void> {
    for (const all of bySession.values()) checkRights(all)
    if (checking) {
      again = true
      return
    }
    checking = true
    try {
      do {
        again = false
        const sessions = [...bySession]
        for (let start = 0; start < sessions.length; start += atOnce)
          await Promise.all(sessions.slice(start, start + atOnce).map((one) => checkSession(...one)))
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

/** A store that does not answer is one that failed. */
async function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms)
  try {
    return await Promise.race([answer, promise])
  } finally {
    clearTimeout(timer)
  }
}
