import type { AuditEntry, AuditRecord } from '@flotilla/api'
import { type ChainHead, genesis, linkAfter } from '../../audit/chain.ts'
import type { AuditCheck, AuditFound, AuditQuestion } from '../audit-store.ts'
import { conditionOf } from './audit-question.ts'
import { checkRows, headOf, readEntry, valuesOf } from './audit-rows.ts'
import { all, one, type Row, run, snapshot, turn, type Work } from './work.ts'

/** Records looked at in one step, so that others get at the database. */
const scanned = 20_000
const checkedAtOnce = 2_000
const prunedAtOnce = 5_000
/** Records are written nearly in the order of their times. */
const disorderMs = 120_000

/** The verb of the record that says up to where older ones were removed. */
export const pruneVerb = 'audit.prune'

function* head(): Work<(ChainHead & { at: string }) | undefined> {
  const row = yield* one('SELECT sequence, hash, at FROM audit ORDER BY sequence DESC LIMIT 1')
  if (row === undefined) return undefined
  return { ...headOf(row), at: new Date(Number(row['at'])).toISOString() }
}
function* oldest(): Work<number | undefined> {
  const row = yield* one('SELECT min(sequence) AS sequence FROM audit')
  return row === undefined || row['sequence'] === null ? undefined : Number(row['sequence'])
}

function* append(entries: readonly AuditEntry[]): Work<ChainHead> {
  let last: ChainHead = (yield* head()) ?? genesis
  for (const entry of entries) {
    const { sequence, hash, text } = linkAfter(last, entry)
    yield* run(
      'INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      sequence,
      hash,
      ...Object.values(valuesOf(entry)),
      text,
    )
    last = { sequence, hash }
  }
  return last
}

/** The least sequence whose record is not older than the time, more or less. */
function* sequenceAt(time: number): Work<number> {
  let low = (yield* oldest()) ?? 1
  let high = ((yield* head())?.sequence ?? 0) + 1
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const row = yield* one('SELECT at FROM audit WHERE sequence = ?', middle)
    if (row !== undefined && Number(row['at']) < time) low = middle + 1
    else high = middle
  }
  return low
}

function* search(
  question: AuditQuestion,
  range: { readonly first: number; readonly last: number; readonly newestFirst: boolean; readonly limit: number },
): Work<AuditFound> {
  const oldestWanted = Math.max(
    (yield* oldest()) ?? 1,
    question.since === undefined ? 1 : yield* sequenceAt(question.since - disorderMs),
    range.first,
  )
  const newestWanted = Math.min(
    (yield* head())?.sequence ?? 0,
    question.until === undefined ? Number.MAX_SAFE_INTEGER : yield* sequenceAt(question.until + disorderMs),
    range.last,
  )
  if (oldestWanted > newestWanted) return { items: [] }
  const [from, to] = range.newestFirst
    ? [Math.max(oldestWanted, newestWanted - scanned + 1), newestWanted]
    : [oldestWanted, Math.min(newestWanted, oldestWanted + scanned - 1)]
  const { text, values } = conditionOf(question)
  const rows = yield* all(
    `SELECT record, hash FROM audit WHERE sequence BETWEEN ? AND ?${text} ORDER BY sequence ${range.newestFirst ? 'DESC' : 'ASC'} LIMIT ?`,
    from,
    to,
    ...values,
    range.limit,
  )
  const items = rows.map(recordOf)
  const reached = items.length === range.limit ? items.at(-1)?.sequence : undefined
  const next = reached ?? (range.newestFirst ? from : to)
  const more = range.newestFirst ? next > oldestWanted : next < newestWanted
  return { items, next: more ? next : undefined }
}

/** What the oldest record that is left follows, as the last removal of older ones says. */
function* checkpoint(): Work<ChainHead | undefined> {
  const row = yield* one(
    "SELECT record FROM audit WHERE source = 'audit' AND verb = ? ORDER BY sequence DESC LIMIT 1",
    pruneVerb,
  )
  const entry = row === undefined ? undefined : readEntry(String(row['record']))
  const through = entry?.details?.['through']
  const hash = entry?.details?.['hash']
  return typeof through === 'number' && typeof hash === 'string' ? { sequence: through, hash } : undefined
}

/** The audit's table. */
export const auditOperations = {
  'audit.append': turn((entries: readonly AuditEntry[]) => append(entries)),
  'audit.head': snapshot(head),
  'audit.find': snapshot((question: AuditQuestion, before: number | undefined, limit: number) =>
    search(question, {
      first: 1,
      last: before === undefined ? Number.MAX_SAFE_INTEGER : before - 1,
      newestFirst: true,
      limit,
    }),
  ),
  'audit.walk': snapshot((question: AuditQuestion, after: number | undefined, limit: number) =>
    search(question, {
      first: after === undefined ? 1 : after + 1,
      last: Number.MAX_SAFE_INTEGER,
      newestFirst: false,
      limit,
    }),
  ),
  'audit.check': snapshot(function* (from: ChainHead | undefined, wanted: readonly number[]): Work<AuditCheck> {
    const first = (yield* oldest()) ?? 1
    let after = from ?? genesis
    // older ones may have been removed since the stretch before
    if (first > after.sequence + 1) {
      const removed = yield* checkpoint()
      if (removed !== undefined && removed.sequence > after.sequence) after = removed
    }
    const text = 'SELECT * FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?'
    const rows = yield* all(text, after.sequence, checkedAtOnce)
    return checkRows(rows, after, wanted, checkedAtOnce)
  }),
  'audit.prune': turn(function* (before: string, most: number, entry: AuditEntry): Work<number> {
    const newest = yield* head()
    const first = yield* oldest()
    if (newest === undefined || first === undefined) return 0
    const through = Math.min(
      Math.max(newest.sequence - most, (yield* sequenceAt(Date.parse(before))) - 1),
      first + prunedAtOnce - 1,
      newest.sequence - 1,
    )
    const text = 'SELECT sequence, hash FROM audit WHERE sequence = ?'
    const row = through < first ? undefined : yield* one(text, through)
    if (row === undefined) return 0
    const { hash } = headOf(row)
    yield* append([{ ...entry, verb: pruneVerb, details: { ...entry.details, through, hash } }])
    return yield* run('DELETE FROM audit WHERE sequence <= ?', through)
  }),
}

function recordOf(row: Row): AuditRecord {
  // what stands there was written from an AuditEntry; a verification says whether it is still that
  const record = JSON.parse(String(row['record'])) as Omit<AuditRecord, 'hash'>
  return { ...record, hash: String(row['hash']) }
}
