import { setTimeout as wait } from 'node:timers/promises'
import type { Clock } from '@flotilla/kube'
import type { AuditStore } from '../store/audit-store.ts'
import { ownEntry } from './own-entry.ts'

/** A record is kept so long, and no more of them than so many. */
export const retention = { days: 400, records: 1_000_000 } as const

const dayMs = 24 * 3_600_000
const pauseMs = 200
/** Steps of a pass; what is left then is for the next one. */
const mostSteps = 1_000

/** Removes what is older than the retention. Each step leaves a record that says up to where, and what its hash was. */
export async function pruneAudit(
  store: Pick<AuditStore, 'prune'>,
  clock: Pick<Clock, 'now'>,
  signal: AbortSignal,
  kept: { readonly days: number; readonly records: number } = retention,
): Promise<number> {
  let gone = 0
  for (let step = 0; step < mostSteps; step++) {
    signal.throwIfAborted()
    const now = clock.now()
    const entry = ownEntry(now, 'audit.prune', {})
    const some = await store.prune({
      before: new Date(now - kept.days * dayMs).toISOString(),
      most: kept.records,
      entry,
    })
    gone += some
    if (some === 0) break
    await wait(pauseMs, undefined, { signal })
  }
  return gone
}
