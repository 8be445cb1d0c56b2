import type { AuditEntry, AuditRecord } from '@flotilla/api'
import { columnsOf, type ChainHead, linkHash } from '../../audit/chain.ts'
import type { AuditCheck } from '../audit-store.ts'
import type { Row } from './work.ts'

export const headOf = (row: Row): ChainHead => ({ sequence: Number(row['sequence']), hash: String(row['hash']) })

/** The columns of a record, in the order of the table. */
export function valuesOf(entry: AuditEntry): Record<string, string | number> {
  const { at, request, actor, actorUid, source, verb, kind, cluster, ...rest } = columnsOf(entry)
  const { workspace, workspaceUid, project, projectUid, name, result } = rest
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

export function readEntry(text: string): Omit<AuditRecord, 'hash'> | undefined {
  try {
    return JSON.parse(text) as Omit<AuditRecord, 'hash'>
  } catch {
    return undefined
  }
}

function sameColumns(row: Row, values: Record<string, string | number>): boolean {
  return Object.entries(values).every(([column, value]) => String(row[column]) === String(value))
}
