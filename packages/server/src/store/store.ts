import type { ApplicationSpec, ResolvedSource } from '@flotilla/model'
import type { Failures } from '../access/count-failures.ts'
import type { AuditStore } from './audit-store.ts'
import type { HistoryStore } from './history-store.ts'
import type { MigrationLedger } from './migration-ledger.ts'
import type { RecordingStore } from './recording-store.ts'
import type { StepLogs } from './step-logs.ts'

/** Bytes by key, encrypted at rest. Keys are digests or content keys; a key is never overwritten with other bytes. */
export interface BlobStore {
  put(key: string, bytes: Uint8Array): Promise<void>
  get(key: string): Promise<Uint8Array | undefined>
  /** Removes blobs not read or written since `before`, but none of `keep`; looks at `limit` of them, in the order of their keys. */
  prune(page: BlobPrune): Promise<BlobsPruned>
}

export interface BlobPrune {
  /** RFC 3339, UTC. */
  readonly before: string
  readonly keep: ReadonlySet<string>
  readonly limit: number
  /** Where the last page ended. */
  readonly after?: string | undefined
}

export interface BlobsPruned {
  readonly gone: number
  /** Where to go on; undefined when all were looked at. */
  readonly next?: string | undefined
}

/** One wanted state of an application, as it was at a time. */
export interface Revision {
  readonly applicationUid: string
  readonly project: string
  readonly application: string
  readonly revision: number
  /** RFC 3339, UTC. */
  readonly at: string
  /** Who wrote the change, as far as the API server says; `flotilla` for a moved source. */
  readonly by: string
  readonly reason: string
  readonly spec: ApplicationSpec
  readonly sources: readonly ResolvedSource[]
  /** Target key (`cluster/namespace`) -> digest of its rendered set. */
  readonly targets: Readonly<Record<string, string>>
}

export interface RevisionStore {
  /** Fails with `request.conflict` when that revision exists with other content; the same content again is no change. */
  append(revision: Revision): Promise<void>
  get(applicationUid: string, revision: number): Promise<Revision | undefined>
  latest(applicationUid: string): Promise<Revision | undefined>
  /** Newest first. */
  list(applicationUid: string, page: { readonly before?: number; readonly limit: number }): Promise<readonly Revision[]>
  /** Applications that have a history, by uid, in order. */
  applications(page: { readonly after?: string | undefined; readonly limit: number }): Promise<readonly string[]>
  /** Removes all but the `newest` ones and those of `keep`. Returns how many went. */
  prune(applicationUid: string, left: { readonly newest: number; readonly keep: ReadonlySet<number> }): Promise<number>
}

export interface Session {
  /** SHA-256 of the token; the token itself is never stored. */
  readonly tokenHash: string
  readonly userUid: string
  readonly kind: 'browser' | 'cli'
  readonly createdAt: string
  readonly expiresAt: string
}

export interface SessionStore {
  put(session: Session): Promise<void>
  get(tokenHash: string): Promise<Session | undefined>
  delete(tokenHash: string): Promise<void>
  deleteOfUser(userUid: string): Promise<void>
  deleteExpired(now: string): Promise<number>
}

/** What a token of a person is for; it never gives more than the person has. */
export interface TokenScope {
  readonly access: 'read' | 'write'
  /** Only in this project. */
  readonly project?: { readonly name: string; readonly uid: string } | undefined
}

/** A token that a person, or a service account, works with instead of signing in. */
export interface ApiToken extends TokenScope {
  /** SHA-256 of the token; the token itself is never stored. */
  readonly tokenHash: string
  /** What it is called in addresses: it opens nothing. */
  readonly id: string
  readonly userUid: string
  readonly name: string
  /** Name of who made it. */
  readonly createdBy: string
  readonly createdAt: string
  readonly expiresAt: string
  readonly lastUsedAt?: string | undefined
}

export interface ApiTokenStore {
  put(token: ApiToken): Promise<void>
  get(tokenHash: string): Promise<ApiToken | undefined>
  /** Newest first. */
  list(userUid: string): Promise<readonly ApiToken[]>
  /** Whether there was one. */
  delete(userUid: string, id: string): Promise<boolean>
  use(tokenHash: string, at: string): Promise<void>
  deleteExpired(before: string): Promise<number>
}

export interface PasswordRecord {
  readonly userUid: string
  /** PHC string of argon2id. */
  readonly hash: string
  readonly failures: number
  readonly lockedUntil?: string
  readonly mustChange: boolean
}

export interface PasswordStore {
  get(userUid: string): Promise<PasswordRecord | undefined>
  /** As somebody with the right to: whatever was there before, and unlocks. */
  put(record: PasswordRecord): Promise<void>
  /** Only when `hash` is still the one; whether it was. */
  replace(userUid: string, hash: string, next: string): Promise<boolean>
  /** Counts a failure against `hash` unless it is locked, or another by now; gives what was counted before it. */
  failed(userUid: string, hash: string, now: number): Promise<Failures>
  /** Forgets the failures unless locked; gives what was counted before. Undefined when the hash is another by now. */
  succeeded(userUid: string, hash: string, now: number): Promise<Failures | undefined>
}

/** What may be done once, whichever server it comes to. */
export interface OnceStore {
  /** Whether it is done for the first time. It is forgotten after `until` (RFC 3339, UTC), when it counts no more anyway. */
  claim(id: string, until: string, now: string): Promise<boolean>
}

/** History and what only grows. The desired state is never here. */
export interface Store {
  readonly blobs: BlobStore
  readonly revisions: RevisionStore
  readonly sessions: SessionStore
  readonly passwords: PasswordStore
  readonly apiTokens: ApiTokenStore
  readonly audit: AuditStore
  readonly once: OnceStore
  readonly recordings: RecordingStore
  readonly migrationLedger: MigrationLedger
  readonly stepLogs: StepLogs
  readonly history: HistoryStore
  /** Names who uses it: a data directory over restarts, where a database is shared one process of its life. */
  readonly instance: string
  /** HMAC key for digests that cover secret values; made once, kept beside the database (0600) or in the host. */
  readonly digestKey: Uint8Array
  /** Aborts when the store can do nothing more in this process, which should end then. */
  readonly lost: AbortSignal
  close(): Promise<void>
}
