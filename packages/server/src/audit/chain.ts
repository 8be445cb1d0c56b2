import { createHash } from 'node:crypto'
import { canonicalJson } from '@flotilla/model/canonical-json'
import type { AuditEntry } from '@flotilla/api'

/** A record as it is kept: its text is what was hashed, byte for byte. */
export interface ChainLink {
  readonly sequence: number
  readonly hash: string
  /** Canonical JSON of the record with its sequence, without its hash. */
  readonly text: string
}

export interface ChainHead {
  readonly sequence: number
  readonly hash: string
}

/** What the first record of all follows. */
export const genesis: ChainHead = { sequence: 0, hash: '0'.repeat(64) }

/** SHA-256 of the hash before, a line feed and the text, as hexadecimal digits. */
export function linkHash(previous: string, text: string): string {
  return createHash('sha256').update(`${previous}\n${text}`).digest('hex')
}

/** The record that follows `head`. */
export function linkAfter(head: ChainHead, entry: AuditEntry): ChainLink {
  const sequence = head.sequence + 1
  const text = canonicalJson({ ...entry, sequence })
  return { sequence, hash: linkHash(head.hash, text), text }
}

/** The columns by which records are found. They are computed from the text, so that a verification finds a changed one. */
export interface AuditColumns {
  readonly at: number
  readonly request: string
  readonly actor: string
  readonly actorUid: string
  readonly source: string
  readonly verb: string
  readonly kind: string
  readonly cluster: string
  readonly workspace: string
  readonly workspaceUid: string
  readonly project: string
  readonly projectUid: string
  readonly name: string
  readonly result: string
}

export function columnsOf(entry: AuditEntry): AuditColumns {
  const { target, actor } = entry
  return {
    at: Date.parse(entry.at),
    request: entry.request,
    actor: kept(actor.name),
    actorUid: kept(actor.uid),
    source: entry.source,
    verb: kept(entry.verb),
    kind: kept(target.kind),
    cluster: kept(target.cluster),
    workspace: kept(target.workspace),
    workspaceUid: kept(target.workspaceUid),
    project: kept(target.project),
    projectUid: kept(target.projectUid),
    name: kept(target.name),
    result: entry.result,
  }
}

/** As a database gives it back: half a character, or a NUL, would come back as another text and look like a change. */
const kept = (text = ''): string => text.toWellFormed().replaceAll('\0', '\ufffd')
