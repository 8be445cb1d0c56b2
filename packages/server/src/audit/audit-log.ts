import type { AuditEntry } from '@flotilla/api'
import type { Log } from '@flotilla/engine'
import type { Clock } from '@flotilla/kube'
import { asFlotillaError, FlotillaError } from '@flotilla/model'
import type { AuditStore } from '../store/audit-store.ts'
import type { ChainHead } from './chain.ts'
import { ownEntry } from './own-entry.ts'

/** Where records are given; one writer brings them into the store in their order. */
export interface AuditLog {
  /** At once, without waiting. What finds no room is counted, and the count becomes a record. */
  note(entry: AuditEntry): void
  /** Resolves when it is on the disk; `store.unavailable` when it cannot be, or not in time. */
  write(entry: AuditEntry): Promise<void>
  /** The newest record that is on the disk, as far as this process wrote it. */
  readonly head: ChainHead | undefined
  /** Resolves when what was noted is written, or cannot be. */
  flush(): Promise<void>
  close(): Promise<void>
}

export interface AuditLogOptions {
  readonly store: Pick<AuditStore, 'append'>
  readonly clock: Pick<Clock, 'now'>
  readonly log: Log
  readonly limits?: Partial<AuditLimits>
}

export interface AuditLimits {
  /** Records that may wait; more are lost, and counted. */
  readonly waiting: number
  readonly batch: number
  /** Noted ones wait so long for others, so that they share a write to the disk. */
  readonly gatherMs: number
  readonly retryMs: number
  readonly writeMs: number
}

const usual: AuditLimits = { waiting: 4_000, batch: 200, gatherMs: 100, retryMs: 2_000, writeMs: 5_000 }

interface Waiting {
  readonly entry: AuditEntry
  /** Undefined for what is noted. */
  readonly told?: { resolve(): void; reject(error: Error): void } | undefined
}

export function createAuditLog({ store, clock, log, limits }: AuditLogOptions): AuditLog {
  const { waiting, batch, gatherMs, retryMs, writeMs } = { ...usual, ...limits }
  let queue: Waiting[] = []
  let lost = 0
  let head: ChainHead | undefined
  let timer: NodeJS.Timeout | undefined
  let pumping: Promise<void> | undefined
  let failing = false
  let closed = false

  /** @returns whether it was written */
  async function appendNext(): Promise<boolean> {
    const taken = queue.slice(0, batch)
    queue = queue.slice(batch)
    const missing = lost
    const entries = taken.map(({ entry }) => entry)
    try {
      head = await store.append(
        missing === 0
          ? entries
          : [{ ...ownEntry(clock.now(), 'audit.lost', { records: missing }), result: 'failed' }, ...entries],
      )
      lost -= missing
      if (failing) log.info('audit written again', { lost: missing })
      failing = false
      for (const { told } of taken) told?.resolve()
      return true
    } catch (thrown) {
      const error = asFlotillaError(thrown)
      if (!failing) log.error('audit not written', { code: error.code, reason: error.message })
      failing = true
      for (const { told } of taken) told?.reject(unwritable(error.message))
      // who waited was told; the others are tried again
      queue = [...taken.filter(({ told }) => told === undefined), ...queue]
      return false
    }
  }

  async function pump(): Promise<void> {
    while (queue.length > 0) {
      if (await appendNext()) continue
      for (const { told } of queue) told?.reject(unwritable('the write before failed'))
      queue = queue.filter(({ told }) => told === undefined)
      if (!closed) later(retryMs)
      return
    }
  }

  function start(): void {
    clearTimeout(timer)
    timer = undefined
    pumping ??= pump().finally(() => {
      pumping = undefined
      // what came while the last one ended
      if (queue.length > 0 && timer === undefined && !closed) later(failing ? retryMs : 0)
    })
  }

  function later(ms: number): void {
    timer ??= setTimeout(start, ms).unref()
  }

  return {
    get head() {
      return head
    },
    note: (entry) => {
      if (closed || queue.length >= waiting) {
        lost++
        return
      }
      queue.push({ entry })
      if (pumping === undefined) later(gatherMs)
    },
    write: async (entry) => {
      if (closed) throw unwritable('the server stops')
      if (queue.length >= waiting) throw unwritable('too many records wait to be written')
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      queue.push({ entry, told: { resolve, reject } })
      start()
      await within(writeMs, promise)
    },
    flush: async () => {
      start()
      await pumping
    },
    close: async () => {
      closed = true
      clearTimeout(timer)
      await pumping
      await pump()
      if (queue.length + lost > 0) log.error('audit records lost', { records: queue.length + lost })
    },
  }
}

const unwritable = (reason: string): FlotillaError =>
  new FlotillaError('store.unavailable', {
    message: `Not done, since it could not be written into the audit: ${reason}`,
    remedy: 'Make room on the disk of the data directory, or have an operator look at the server; then try again',
  })

async function within(ms: number, promise: Promise<void>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(unwritable(`the database did not answer within ${ms} ms`)), ms)
  try {
    await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
    // who stopped waiting hears no more of it
    promise.catch(() => undefined)
  }
}
