import { createHash, timingSafeEqual } from 'node:crypto'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { FlotillaError } from '@flotilla/model/errors'
import { apiTokenOperations } from './api-token-operations.ts'
import { auditOperations } from './audit-operations.ts'
import { migrate } from './migrations.ts'
import { seal, unseal } from './sealed.ts'
import type { BlobPrune, BlobsPruned, PasswordRecord, Revision, Session } from './store.ts'

export interface DatabaseOptions {
  readonly file: string
  readonly blobKey: Uint8Array
  /** Pages of 4 KiB that the database may have; for tests of a full disk. */
  readonly maxPages?: number | undefined
}

/** A blob's last use is noted at most this often: reading must not mean writing. */
const usedEveryMs = 3_600_000
const maxBlobBytes = 64 * 1024 * 1024

/**
 * Does not wait for the disk. Order is kept: what is written later and waits, such as the revision that names a set, has
 * the disk take this too. A power cut before that may lose it, and it is fetched or rendered again; a kill loses nothing.
 */
function withoutSync(database: DatabaseSync, write: () => void): void {
  database.exec('PRAGMA synchronous = NORMAL')
  try {
    write()
  } finally {
    database.exec('PRAGMA synchronous = FULL')
  }
}

export type StoreOperations = ReturnType<typeof openDatabase>

/** The store's operations on an open SQLite file. Synchronous: it runs in a worker thread. */
export function openDatabase({ file, blobKey, maxPages }: DatabaseOptions) {
  const database = new DatabaseSync(file, { timeout: 2_000, enableForeignKeyConstraints: true })
  // exclusive: a second process on the same file is refused instead of acting on the same state
  database.exec('PRAGMA locking_mode = EXCLUSIVE')
  database.exec('PRAGMA journal_mode = WAL')
  database.exec('PRAGMA synchronous = FULL')
  database.exec('PRAGMA cache_size = -4096')
  database.exec('PRAGMA journal_size_limit = 16777216')
  migrate(database)
  checkKey(database, blobKey)
  if (maxPages !== undefined) database.exec(`PRAGMA max_page_count = ${maxPages}`)

  // statements are compiled once, when first used; a search may be put in many ways
  const mostStatements = 200
  const statements = new Map<string, ReturnType<DatabaseSync['prepare']>>()
  const sql = (text: string) => {
    let statement = statements.get(text)
    if (statement === undefined && statements.size >= mostStatements) statements.clear()
    if (statement === undefined) statements.set(text, (statement = database.prepare(text)))
    return statement
  }
  const all = (text: string, ...values: SQLInputValue[]) => sql(text).all(...values)
  const one = (text: string, ...values: SQLInputValue[]) => sql(text).get(...values)
  const run = (text: string, ...values: SQLInputValue[]): number => Number(sql(text).run(...values).changes)

  /** One write to the disk for all of it, or nothing. */
  const together = (work: () => void): void => {
    database.exec('BEGIN IMMEDIATE')
    try {
      work()
      database.exec('COMMIT')
    } catch (thrown) {
      database.exec('ROLLBACK')
      throw thrown
    }
  }

  const revisionName = (uid: string, revision: number): string => `revision/${uid}/${revision}`
  const readRevision = (row: Record<string, unknown>): Revision => {
    const name = revisionName(String(row['application_uid']), Number(row['revision']))
    return JSON.parse(Buffer.from(unseal(blobKey, name, row['sealed'] as Uint8Array)).toString()) as Revision
  }

  return {
    'blobs.put': (key: string, bytes: Uint8Array): void => {
      if (bytes.length > maxBlobBytes) {
        throw new FlotillaError('input.too_large', { message: `A blob may have ${maxBlobBytes} bytes at most` })
      }
      const now = Date.now()
      const put = (): void => {
        if (run('UPDATE blobs SET used_at = ? WHERE key = ?', now, key) > 0) return
        run('INSERT INTO blobs (key, sealed, used_at) VALUES (?, ?, ?)', key, seal(blobKey, `blob/${key}`, bytes), now)
      }
      if (key.startsWith('upload:')) put()
      else withoutSync(database, put)
    },
    'blobs.get': (key: string): Uint8Array | undefined => {
      const row = one('SELECT sealed, used_at FROM blobs WHERE key = ?', key)
      if (row === undefined) return undefined
      const now = Date.now()
      if (now - Number(row['used_at']) > usedEveryMs) {
        try {
          run('UPDATE blobs SET used_at = ? WHERE key = ?', now, key)
        } catch {
          // on a full disk one can still read
        }
      }
      return unseal(blobKey, `blob/${key}`, row['sealed'] as Uint8Array)
    },
    'blobs.prune': ({ before, keep, limit, after = '' }: BlobPrune): BlobsPruned => {
      const old = all(
        'SELECT key FROM blobs WHERE key > ? AND used_at < ? ORDER BY key LIMIT ?',
        after,
        Date.parse(before),
        limit,
      ).map(({ key }) => String(key))
      const goes = old.filter((key) => !keep.has(key))
      together(() => goes.forEach((key) => run('DELETE FROM blobs WHERE key = ?', key)))
      return { gone: goes.length, next: old.length < limit ? undefined : old.at(-1) }
    },

    'revisions.append': (revision: Revision): void => {
      const { applicationUid: uid, revision: number } = revision
      // what it says, not when it was said: a crash between append and status comes back with another time
      const { at: _at, ...said } = revision
      const hash = createHash('sha256').update(blobKey).update(JSON.stringify(said)).digest('hex')
      const there = one('SELECT content_hash FROM revisions WHERE application_uid = ? AND revision = ?', uid, number)
      if (there?.['content_hash'] === hash) return
      if (there !== undefined) {
        throw new FlotillaError('request.conflict', {
          message: `Revision ${number} of application ${revision.application} is written already, with other content`,
        })
      }
      const sealed = seal(blobKey, revisionName(uid, number), Buffer.from(JSON.stringify(revision)))
      run('INSERT INTO revisions VALUES (?, ?, ?, ?)', uid, number, hash, sealed)
    },
    'revisions.get': (uid: string, revision: number): Revision | undefined => {
      const row = one('SELECT * FROM revisions WHERE application_uid = ? AND revision = ?', uid, revision)
      return row === undefined ? undefined : readRevision(row)
    },
    'revisions.latest': (uid: string): Revision | undefined => {
      const row = one('SELECT * FROM revisions WHERE application_uid = ? ORDER BY revision DESC LIMIT 1', uid)
      return row === undefined ? undefined : readRevision(row)
    },
    'revisions.list': (uid: string, before: number, limit: number): Revision[] =>
      all(
        'SELECT * FROM revisions WHERE application_uid = ? AND revision < ? ORDER BY revision DESC LIMIT ?',
        uid,
        before,
        limit,
      ).map(readRevision),

    'revisions.applications': (after: string, limit: number): string[] =>
      all(
        'SELECT DISTINCT application_uid AS uid FROM revisions WHERE application_uid > ? ORDER BY application_uid LIMIT ?',
        after,
        limit,
      ).map(({ uid }) => String(uid)),
    'revisions.prune': (uid: string, left: { readonly newest: number; readonly keep: ReadonlySet<number> }): number => {
      const numbers = all(
        'SELECT revision FROM revisions WHERE application_uid = ? ORDER BY revision DESC LIMIT -1 OFFSET ?',
        uid,
        left.newest,
      ).map(({ revision }) => Number(revision))
      const goes = numbers.filter((number) => !left.keep.has(number))
      together(() =>
        goes.forEach((number) => run('DELETE FROM revisions WHERE application_uid = ? AND revision = ?', uid, number)),
      )
      return goes.length
    },

    'sessions.put': (session: Session): void => {
      run(
        'INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?)',
        session.tokenHash,
        session.userUid,
        session.kind,
        session.createdAt,
        session.expiresAt,
      )
    },
    'sessions.get': (tokenHash: string): Session | undefined => {
      const row = one('SELECT * FROM sessions WHERE token_hash = ?', tokenHash)
      return row === undefined
        ? undefined
        : {
            tokenHash: String(row['token_hash']),
            userUid: String(row['user_uid']),
            kind: row['kind'] === 'cli' ? 'cli' : 'browser',
            createdAt: String(row['created_at']),
            expiresAt: String(row['expires_at']),
          }
    },
    'sessions.delete': (tokenHash: string): void => void run('DELETE FROM sessions WHERE token_hash = ?', tokenHash),
    'sessions.deleteOfUser': (userUid: string): void => void run('DELETE FROM sessions WHERE user_uid = ?', userUid),
    'sessions.deleteExpired': (now: string): number => run('DELETE FROM sessions WHERE expires_at <= ?', now),

    ...apiTokenOperations({ all, one, run }),

    'passwords.get': (userUid: string): PasswordRecord | undefined => {
      const row = one('SELECT * FROM passwords WHERE user_uid = ?', userUid)
      return row === undefined
        ? undefined
        : {
            userUid: String(row['user_uid']),
            hash: String(row['hash']),
            failures: Number(row['failures']),
            mustChange: row['must_change'] === 1,
            ...(row['locked_until'] === null ? {} : { lockedUntil: String(row['locked_until']) }),
          }
    },
    'passwords.put': (record: PasswordRecord): void => {
      run(
        'INSERT OR REPLACE INTO passwords VALUES (?, ?, ?, ?, ?)',
        record.userUid,
        record.hash,
        record.failures,
        record.lockedUntil ?? null,
        record.mustChange ? 1 : 0,
      )
    },

    ...auditOperations({ all, one, run, together }),

    close: (): void => {
      statements.clear()
      database.close()
    },
  }
}

/** Finds out at the start, not at the first read, that the key file belongs to another database. */
function checkKey(database: DatabaseSync, blobKey: Uint8Array): void {
  const mark = createHash('sha256').update('flotilla blob key').update(blobKey).digest()
  database.prepare('INSERT OR IGNORE INTO facts VALUES (?, ?)').run('blob-key', mark)
  const row = database.prepare('SELECT value FROM facts WHERE name = ?').get('blob-key')
  const kept = row?.['value']
  if (!(kept instanceof Uint8Array) || kept.length !== mark.length || !timingSafeEqual(kept, mark)) {
    throw new FlotillaError('store.unavailable', {
      message: 'The key file belongs to another database.',
      remedy: 'Restore the key file and the database from the same backup.',
    })
  }
}
