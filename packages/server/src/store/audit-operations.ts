import type { SQLInputValue } from 'node:sqlite'
import type { AuditEntry, AuditRecord } from '@flotilla/api'
import { columnsOf, type ChainHead, genesis, linkAfter, linkHash } from '../audit/chain.ts'
import type { AuditCheck, AuditFound, AuditQuestion } from './audit-store.ts'

type Row = Record<string, unknown>

export interface Sql {
  readonly all: (text: string, ...values: SQLInputValue[]) => Row[]
  readonly one: (text: string, ...values: SQLInputValue[]) => Row | undefined
  readonly run: (text: string, ...values: SQLInputValue[]) => number
  /** One write to the disk for all of it, or nothing. */
  readonly together: (work: () => void) => void
}

export const auditMigration = `CREATE TABLE audit (
     sequence INTEGER PRIMARY KEY, hash TEXT NOT NULL, at INTEGER NOT NULL, request TEXT NOT NULL,
     actor TEXT NOT NULL, actor_uid TEXT NOT NULL, source TEXT NOT NULL, verb TEXT NOT NULL, kind TEXT NOT NULL,
     cluster TEXT NOT NULL, workspace TEXT NOT NULL, workspace_uid TEXT NOT NULL, project TEXT NOT NULL,
     project_uid TEXT NOT NULL, name TEXT NOT NULL, result TEXT NOT NULL, record TEXT NOT NULL) STRICT;
   CREATE INDEX audit_request ON audit (request);`

/** Records looked at in one step, so that others get at the database. */
const scanned = 20_000
const checkedAtOnce = 2_000
const prunedAtOnce = 5_000
/** Records are written nearly in the order of their times. */
const disorderMs = 120_000

/** The verb of the record that says up to where older ones were removed. */
export const pruneVerb = 'audit.prune'

/** The audit's table. Plain SQL: what another database does differently is in whoever gives `Sql`. */
export function auditOperations({ all, one, run, together }: Sql) {
  const head = (): (ChainHead & { at: string }) | undefined => {
    const row = one('SELECT sequence, hash, at FROM audit ORDER BY sequence DESC LIMIT 1')
    if (row === undefined) return undefined
    return { ...headOf(row), at: new Date(Number(row['at'])).toISOString() }
  }
  const oldest = (): number | undefined => {
    const row = one('SELECT min(sequence) AS sequence FROM audit')
    return row === undefined || row['sequence'] === null ? undefined : Number(row['sequence'])
  }

  const append = (entries: readonly AuditEntry[]): ChainHead => {
    let last: ChainHead = head() ?? genesis
    for (const entry of entries) {
      const { sequence, hash, text } = linkAfter(last, entry)
      run(
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
  const sequenceAt = (time: number): number => {
    let low = oldest() ?? 1
    let high = (head()?.sequence ?? 0) + 1
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      const row = one('SELECT at FROM audit WHERE sequence = ?', middle)
      if (row !== undefined && Number(row['at']) < time) low = middle + 1
      else high = middle
    }
    return low
  }

  const search = (
    question: AuditQuestion,
    range: { readonly first: number; readonly last: number; readonly newestFirst: boolean; readonly limit: number },
  ): AuditFound => {
    const oldestWanted = Math.max(
      oldest() ?? 1,
      question.since === undefined ? 1 : sequenceAt(question.since - disorderMs),
      range.first,
    )
    const newestWanted = Math.min(
      head()?.sequence ?? 0,
      question.until === undefined ? Number.MAX_SAFE_INTEGER : sequenceAt(question.until + disorderMs),
      range.last,
    )
    if (oldestWanted > newestWanted) return { items: [] }
    const [from, to] = range.newestFirst
      ? [Math.max(oldestWanted, newestWanted - scanned + 1), newestWanted]
      : [oldestWanted, Math.min(newestWanted, oldestWanted + scanned - 1)]
    const { text, values } = conditionOf(question)
    const items = all(
      `SELECT record, hash FROM audit WHERE sequence BETWEEN ? AND ?${text} ORDER BY sequence ${range.newestFirst ? 'DESC' : 'ASC'} LIMIT ?`,
      from,
      to,
      ...values,
      range.limit,
    ).map(recordOf)
    const reached = items.length === range.limit ? items.at(-1)?.sequence : undefined
    const next = reached ?? (range.newestFirst ? from : to)
    const more = range.newestFirst ? next > oldestWanted : next < newestWanted
    return { items, next: more ? next : undefined }
  }

  /** What the oldest record that is left follows, as the last removal of older ones says. */
  const checkpoint = (): ChainHead | undefined => {
    const row = one(
      "SELECT record FROM audit WHERE source = 'audit' AND verb = ? ORDER BY sequence DESC LIMIT 1",
      pruneVerb,
    )
    const entry = row === undefined ? undefined : readEntry(String(row['record']))
    const through = entry?.details?.['through']
    const hash = entry?.details?.['hash']
    return typeof through === 'number' && typeof hash === 'string' ? { sequence: through, hash } : undefined
  }

  return {
    'audit.append': (entries: readonly AuditEntry[]): ChainHead => {
      let last: ChainHead = genesis
      together(() => {
        last = append(entries)
      })
      return last
    },
    'audit.head': head,
    'audit.find': (question: AuditQuestion, before: number | undefined, limit: number): AuditFound =>
      search(question, {
        first: 1,
        last: before === undefined ? Number.MAX_SAFE_INTEGER : before - 1,
        newestFirst: true,
        limit,
      }),
    'audit.walk': (question: AuditQuestion, after: number | undefined, limit: number): AuditFound =>
      search(question, {
        first: after === undefined ? 1 : after + 1,
        last: Number.MAX_SAFE_INTEGER,
        newestFirst: false,
        limit,
      }),
    'audit.check': (from: ChainHead | undefined, wanted: readonly number[]): AuditCheck => {
      const after = from ?? ((oldest() ?? 1) === 1 ? genesis : (checkpoint() ?? genesis))
      const rows = all(
        'SELECT * FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?',
        after.sequence,
        checkedAtOnce,
      )
      return checkRows(rows, after, wanted, checkedAtOnce)
    },
    'audit.prune': (before: string, most: number, entry: AuditEntry): number => {
      const newest = head()
      const first = oldest()
      if (newest === undefined || first === undefined) return 0
      const through = Math.min(
        Math.max(newest.sequence - most, sequenceAt(Date.parse(before)) - 1),
        first + prunedAtOnce - 1,
        newest.sequence - 1,
      )
      const row = through < first ? undefined : one('SELECT sequence, hash FROM audit WHERE sequence = ?', through)
      if (row === undefined) return 0
      const { hash } = headOf(row)
      let gone = 0
      together(() => {
        append([{ ...entry, verb: pruneVerb, details: { ...entry.details, through, hash } }])
        gone = run('DELETE FROM audit WHERE sequence <= ?', through)
      })
      return gone
    },
  }
}

const headOf = (row: Row): ChainHead => ({ sequence: Number(row['sequence']), hash: String(row['hash']) })

function recordOf(row: Row): AuditRecord {
  // what stands there was written from an AuditEntry; a verification says whether it is still that
  const record = JSON.parse(String(row['record'])) as Omit<AuditRecord, 'hash'>
  return { ...record, hash: String(row['hash']) }
}

function valuesOf(entry: AuditEntry): Record<string, string | number> {
  const { at, request, actor, actorUid, source, verb, kind, cluster, ...rest } = columnsOf(entry)
  const { workspace, workspaceUid, project, projectUid, name, result } = rest
  // in the order of the table
  return {
    at,
    request,
    actor,
    actor_uid: actorUid,
    source,
    verb,
    kind,
    cluster,
    workspace,
    workspace_uid: workspaceUid,
    project,
    project_uid: projectUid,
    name,
    result,
  }
}

function conditionOf(question: AuditQuestion): { text: string; values: SQLInputValue[] } {
  const parts: string[] = []
  const values: SQLInputValue[] = []
  const add = (text: string, ...more: SQLInputValue[]): void => {
    parts.push(text)
    values.push(...more)
  }
  const oneOf = (column: string, wanted: readonly string[] | undefined): void => {
    if (wanted !== undefined) add(anyOf(column, wanted), ...wanted)
  }
  if (question.since !== undefined) add('at >= ?', question.since)
  if (question.until !== undefined) add('at <= ?', question.until)
  if (question.person !== undefined) add('(actor = ? OR actor_uid = ?)', question.person, question.person)
  if (question.name !== undefined) add('name = ?', question.name)
  oneOf('kind', question.kinds)
  oneOf('source', question.sources)
  oneOf('cluster', question.clusters)
  oneOf('workspace', question.workspaces)
  oneOf('project', question.projects)
  if (question.verbs !== undefined) {
    const whole = question.verbs.filter((verb) => !verb.endsWith('.'))
    const beginnings = question.verbs.filter((verb) => verb.endsWith('.'))
    add(
      `(${[anyOf('verb', whole), ...beginnings.map(() => 'substr(verb, 1, ?) = ?')].join(' OR ')})`,
      ...whole,
      ...beginnings.flatMap((beginning) => [beginning.length, beginning]),
    )
  }
  if (question.results !== undefined) oneOf('result', question.results)
  else
    add(
      "(result <> 'begun' OR NOT EXISTS (SELECT 1 FROM audit AS ended WHERE ended.request = audit.request AND ended.result <> 'begun'))",
    )
  if (question.within !== undefined) {
    const { workspaces, projects } = question.within
    add(`(${anyOf('workspace_uid', workspaces)} OR ${anyOf('project_uid', projects)})`, ...workspaces, ...projects)
  }
  return { text: parts.map((part) => ` AND ${part}`).join(''), values }
}

const anyOf = (column: string, values: readonly string[]): string =>
  values.length === 0 ? '1 = 0' : `${column} IN (${values.map(() => '?').join(', ')})`

/** Computes rows again, in their order. Pure: what is right and what is not is decided here alone. */
export function checkRows(
  rows: readonly Row[],
  from: ChainHead,
  wanted: readonly number[],
  pageSize: number,
): AuditCheck {
  const asked = new Set(wanted)
  const hashes = new Map<number, string>()
  let last = from
  for (const [at, row] of rows.entries()) {
    const { sequence, hash } = headOf(row)
    const what = faultOf(row, last)
    if (what !== undefined) {
      const broken = { sequence: Math.min(sequence, last.sequence + 1), what }
      return { records: at, head: last, done: true, broken, hashes }
    }
    if (asked.has(sequence)) hashes.set(sequence, hash)
    last = { sequence, hash }
  }
  return { records: rows.length, head: last, done: rows.length < pageSize, hashes }
}

function faultOf(row: Row, last: ChainHead): string | undefined {
  const { sequence, hash } = headOf(row)
  if (sequence !== last.sequence + 1) return `Record ${last.sequence + 1} is not there`
  const text = String(row['record'])
  if (linkHash(last.hash, text) !== hash) return `Record ${sequence} does not follow from the one before`
  const entry = readEntry(text)
  if (entry?.sequence !== sequence || !sameColumns(row, valuesOf(entry)))
    return `Record ${sequence} is listed as another than it is`
  return undefined
}

function readEntry(text: string): Omit<AuditRecord, 'hash'> | undefined {
  try {
    return JSON.parse(text) as Omit<AuditRecord, 'hash'>
  } catch {
    return undefined
  }
}

function sameColumns(row: Row, values: Record<string, string | number>): boolean {
  return Object.entries(values).every(([column, value]) => row[column] === value)
}
