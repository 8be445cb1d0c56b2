import type { AuditEntry, AuditVerification } from '@flotilla/api'
import type { Log } from '@flotilla/engine'
import { aborted, type Clock, type KubeClient } from '@flotilla/kube'
import { asFlotillaError } from '@flotilla/model'
import type { AuditStore } from '../store/audit-store.ts'
import { type AuditLog, createAuditLog } from './audit-log.ts'
import type { ChainHead } from './chain.ts'
import { type AnchorKeeper, createAnchorKeeper, keepAnchors } from './keep-anchors.ts'
import { ownEntry } from './own-entry.ts'
import type { RecordingStore } from '../store/recording-store.ts'
import { pruneAudit } from './prune-audit.ts'
import { pruneRecordings } from './recording/prune-recordings.ts'
import { verifyChain } from './verify-chain.ts'

/** The audit as the rest of the server sees it. */
export interface Audit extends Pick<AuditLog, 'note' | 'write' | 'flush'> {
  /** One at a time; who asks meanwhile gets the same answer. */
  verify(): Promise<AuditVerification>
  readonly lastVerification: AuditVerification | undefined
  /** Writes what waits, and anchors the head for the last time. */
  close(): Promise<void>
}

export interface AuditOptions {
  readonly store: AuditStore
  /** Of shells; they are looked after with the rest. */
  readonly recordings?: RecordingStore | undefined
  readonly host: KubeClient
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  /** Of several servers one looks after the records: this one, as soon as it resolves. */
  readonly begin?: Promise<unknown> | undefined
  /** Of the ConfigMap with the anchors; another one in tests, which share a host. */
  readonly anchorsName?: string | undefined
}

const firstVerificationMs = 60_000
const verificationMs = 24 * 3_600_000
const pruneMs = 3_600_000
const anchorReadMs = 5_000
const longestVerificationMs = 10 * 60_000
const lastAnchorMs = 2_000

export async function openAudit(options: AuditOptions): Promise<Audit> {
  const { store, recordings, host, clock, log, signal, begin, anchorsName } = options
  const auditLog = createAuditLog({ store, clock, log })
  const before = await store.head()
  const head = (): ChainHead | undefined => auditLog.head ?? before
  const say = (verb: string, details: NonNullable<AuditEntry['details']>): void =>
    auditLog.note(ownEntry(clock.now(), verb, details))
  const keeper = createAnchorKeeper({
    host,
    clock,
    log,
    onMissing: (anchors) => say('audit.anchors', { anchors }),
    name: anchorsName,
  })

  let last: AuditVerification | undefined
  let running: Promise<AuditVerification> | undefined
  const verify = (): Promise<AuditVerification> => {
    running ??= verifyNow(store, keeper, clock)
      .then((done) => {
        last = done
        if (done.state === 'broken') log.error('audit broken', { ...done.found })
        return done
      })
      .finally(() => {
        running = undefined
      })
    return running
  }

  const repeat = async (firstMs: number, everyMs: number, work: () => Promise<unknown>): Promise<void> => {
    await Promise.race([begin, aborted(signal)])
    for (let ms = firstMs; ; ms = everyMs) {
      await clock.sleep(ms, signal).catch(() => undefined)
      if (signal.aborted) return
      await work().catch((thrown: unknown) => {
        if (!signal.aborted) log.warn('audit not looked after', { reason: asFlotillaError(thrown).message })
      })
    }
  }
  const working = Promise.all([
    keepAnchors({ keeper, head, clock, log, signal }),
    repeat(firstVerificationMs, verificationMs, verify),
    repeat(pruneMs, pruneMs, async () => {
      // both walk from the oldest record on
      await running?.catch(() => undefined)
      await pruneAudit(store, clock, signal)
      const gone = recordings === undefined ? 0 : await pruneRecordings(recordings, clock, signal)
      if (gone > 0) say('audit.pruneRecordings', { recordings: gone })
    }),
  ])

  return {
    note: (entry) => auditLog.note(entry),
    write: (entry) => auditLog.write(entry),
    flush: () => auditLog.flush(),
    verify,
    get lastVerification() {
      return last
    },
    close: async () => {
      await auditLog.close()
      if (signal.aborted) await working
      const newest = head()
      if (newest === undefined) return
      await keeper.anchor(newest, AbortSignal.timeout(lastAnchorMs)).catch((thrown: unknown) => {
        log.warn('audit not anchored', { reason: asFlotillaError(thrown).message })
      })
    },
  }
}

async function verifyNow(store: AuditStore, keeper: AnchorKeeper, clock: Clock): Promise<AuditVerification> {
  const anchors = await keeper.read(AbortSignal.timeout(anchorReadMs)).then(
    (known) => ({ known }),
    (thrown: unknown) => ({ known: [], unknown: asFlotillaError(thrown).message }),
  )
  return await verifyChain(store, anchors, {
    now: () => clock.now(),
    signal: AbortSignal.timeout(longestVerificationMs),
  })
}
