import { createHash, timingSafeEqual } from 'node:crypto'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { FlotillaError } from '@flotilla/model/errors'
import { migrate } from './migrations.ts'
import { type AnsweredNow, driven, type SharedOperations, sharedOperations } from './operations/index.ts'
import { type Answer, driveNow, type Statement } from './operations/work.ts'
import { seal, unseal } from './sealed.ts'
import type { BlobPrune, BlobsPruned } from './store.ts'

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
  const together = <T>(work: () => T): T => {
    database.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      database.exec('COMMIT')
      return result
    } catch (thrown) {
      database.exec('ROLLBACK')
      throw thrown
    }
  }

  const ask = ({ text, values, wants }: Statement): Answer =>
    wants === 'rows' ? { rows: all(text, ...values), changes: 0 } : { rows: [], changes: run(text, ...values) }

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

    ...driven<AnsweredNow<SharedOperations>>(sharedOperations(blobKey), ({ together: how, work }, args) =>
      how === 'apart' ? driveNow(work(...args), ask) : together(() => driveNow(work(...args), ask)),
    ),

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
