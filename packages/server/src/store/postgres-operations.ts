import { createHash, timingSafeEqual } from 'node:crypto'
import { FlotillaError } from '@flotilla/model/errors'
import { Pool } from 'pg'
import { migratePostgres } from './postgres-migrations.ts'
import { together } from './postgres-transaction.ts'
import { seal, unseal } from './sealed.ts'
import type { StoreOperations } from './sqlite-operations.ts'
import type { BlobPrune, BlobsPruned, PasswordRecord, Revision, Session } from './store.ts'

export interface PostgresOptions {
  /** `postgresql://user:password@host/database`, with what libpq knows (sslmode, sslrootcert ...). Never logged. */
  readonly url: string
  readonly blobKey: Uint8Array
}

/** The operations of the embedded store, answered later. */
export type PostgresOperations = {
  readonly [Name in keyof StoreOperations]: (
    ...args: Parameters<StoreOperations[Name]>
  ) => Promise<ReturnType<StoreOperations[Name]>>
}

const usedEveryMs = 3_600_000
const maxBlobBytes = 64 * 1024 * 1024
/** Of each replica. */
const connections = 8
const connectMs = 5_000
const statementMs = 30_000

type Row = Record<string, unknown>

/**
 * The store's operations on PostgreSQL (12 or newer). Any number of processes may share a database: what two of them
 * write at once is decided by its constraints. It runs in a worker thread, as what it seals takes time.
 */
export async function openPostgres({ url, blobKey }: PostgresOptions): Promise<PostgresOperations> {
  const pool = new Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: connectMs,
    statement_timeout: statementMs,
    application_name: 'flotilla',
    // a database that is restarted is found again by the next call
    keepAlive: true,
  })
  // of a connection that nobody uses at the moment; the next call opens another
  pool.on('error', () => undefined)
  try {
    await migratePostgres(pool)
    await checkKey(pool, blobKey)
  } catch (thrown) {
    await pool.end()
    throw thrown
  }

  const all = async (text: string, ...values: unknown[]): Promise<Row[]> => (await pool.query<Row>(text, values)).rows
  const one = async (text: string, ...values: unknown[]): Promise<Row | undefined> => (await all(text, ...values))[0]
  const run = async (text: string, ...values: unknown[]): Promise<number> =>
    (await pool.query(text, values)).rowCount ?? 0

  const revisionName = (uid: string, revision: number): string => `revision/${uid}/${revision}`
  const readRevision = (row: Row): Revision => {
    const name = revisionName(String(row['application_uid']), Number(row['revision']))
    return JSON.parse(Buffer.from(unseal(blobKey, name, row['sealed'] as Uint8Array)).toString()) as Revision
  }

  return {
    'blobs.put': async (key: string, bytes: Uint8Array): Promise<void> => {
      if (bytes.length > maxBlobBytes)
        throw new FlotillaError('input.too_large', { message: `A blob may have ${maxBlobBytes} bytes at most` })
      const now = Date.now()
      if ((await run('UPDATE blobs SET used_at = $2 WHERE key = $1', key, now)) > 0) return
      const sealed = seal(blobKey, `blob/${key}`, bytes)
      const insert = 'INSERT INTO blobs (key, sealed, used_at) VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING'
      // what can be fetched or rendered again need not wait for the disk; what is written later takes it along
      if (key.startsWith('upload:')) await run(insert, key, sealed, now)
      else
        await together(pool, async (client) => {
          await client.query('SET LOCAL synchronous_commit = off')
          await client.query(insert, [key, sealed, now])
        })
    },
    'blobs.get': async (key: string): Promise<Uint8Array | undefined> => {
      const row = await one('SELECT sealed, used_at FROM blobs WHERE key = $1', key)
      if (row === undefined) return undefined
      const now = Date.now()
      // on a full disk one can still read
      if (now - Number(row['used_at']) > usedEveryMs)
        await run('UPDATE blobs SET used_at = $2 WHERE key = $1', key, now).catch(() => 0)
      return unseal(blobKey, `blob/${key}`, row['sealed'] as Uint8Array)
    },
    'blobs.prune': async ({ before, keep, limit, after = '' }: BlobPrune): Promise<BlobsPruned> => {
      const cutoff = Date.parse(before)
      const rows = await all(
        'SELECT key FROM blobs WHERE key > $1 AND used_at < $2 ORDER BY key LIMIT $3',
        after,
        cutoff,
        limit,
      )
      const old = rows.map(({ key }) => String(key))
      // another replica may have read one meanwhile
      const gone = await run(
        'DELETE FROM blobs WHERE key = ANY($1) AND used_at < $2',
        old.filter((key) => !keep.has(key)),
        cutoff,
      )
      return { gone, next: old.length < limit ? undefined : old.at(-1) }
    },

    'revisions.append': async (revision: Revision): Promise<void> => {
      const { applicationUid: uid, revision: number } = revision
      // what it says, not when it was said: a crash between append and status comes back with another time
      const { at: _at, ...said } = revision
      const hash = createHash('sha256').update(blobKey).update(JSON.stringify(said)).digest('hex')
      const sealed = seal(blobKey, revisionName(uid, number), Buffer.from(JSON.stringify(revision)))
      const insert = 'INSERT INTO revisions VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING'
      if ((await run(insert, uid, number, hash, sealed)) > 0) return
      const kept = 'SELECT content_hash FROM revisions WHERE application_uid = $1 AND revision = $2'
      if ((await one(kept, uid, number))?.['content_hash'] === hash) return
      throw new FlotillaError('request.conflict', {
        message: `Revision ${number} of application ${revision.application} is written already, with other content`,
      })
    },
    'revisions.get': async (uid: string, revision: number): Promise<Revision | undefined> => {
      const row = await one('SELECT * FROM revisions WHERE application_uid = $1 AND revision = $2', uid, revision)
      return row === undefined ? undefined : readRevision(row)
    },
    'revisions.latest': async (uid: string): Promise<Revision | undefined> => {
      const text = 'SELECT * FROM revisions WHERE application_uid = $1 ORDER BY revision DESC LIMIT 1'
      const row = await one(text, uid)
      return row === undefined ? undefined : readRevision(row)
    },
    'revisions.list': async (uid: string, before: number, limit: number): Promise<Revision[]> => {
      const text =
        'SELECT * FROM revisions WHERE application_uid = $1 AND revision < $2 ORDER BY revision DESC LIMIT $3'
      return (await all(text, uid, before, limit)).map(readRevision)
    },
    'revisions.applications': async (after: string, limit: number): Promise<string[]> => {
      const text =
        'SELECT DISTINCT application_uid AS uid FROM revisions WHERE application_uid > $1 ORDER BY application_uid LIMIT $2'
      return (await all(text, after, limit)).map(({ uid }) => String(uid))
    },
    'revisions.prune': async (uid, left): Promise<number> => {
      const text = 'SELECT revision FROM revisions WHERE application_uid = $1 ORDER BY revision DESC OFFSET $2'
      const numbers = (await all(text, uid, left.newest)).map(({ revision }) => Number(revision))
      const goes = numbers.filter((number) => !left.keep.has(number))
      return run('DELETE FROM revisions WHERE application_uid = $1 AND revision = ANY($2)', uid, goes)
    },

    'sessions.put': async (session: Session): Promise<void> => {
      await run(
        `INSERT INTO sessions VALUES ($1, $2, $3, $4, $5) ON CONFLICT (token_hash) DO UPDATE SET
         user_uid = $2, kind = $3, created_at = $4, expires_at = $5`,
        session.tokenHash,
        session.userUid,
        session.kind,
        session.createdAt,
        session.expiresAt,
      )
    },
    'sessions.get': async (tokenHash: string): Promise<Session | undefined> => {
      const row = await one('SELECT * FROM sessions WHERE token_hash = $1', tokenHash)
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
    'sessions.delete': async (tokenHash) => void (await run('DELETE FROM sessions WHERE token_hash = $1', tokenHash)),
    'sessions.deleteOfUser': async (userUid) => void (await run('DELETE FROM sessions WHERE user_uid = $1', userUid)),
    'sessions.deleteExpired': (now) => run('DELETE FROM sessions WHERE expires_at <= $1', now),

    'passwords.get': async (userUid: string): Promise<PasswordRecord | undefined> => {
      const row = await one('SELECT * FROM passwords WHERE user_uid = $1', userUid)
      return row === undefined
        ? undefined
        : {
            userUid: String(row['user_uid']),
            hash: String(row['hash']),
            failures: Number(row['failures']),
            mustChange: row['must_change'] === true,
            ...(typeof row['locked_until'] === 'string' ? { lockedUntil: row['locked_until'] } : {}),
          }
    },
    'passwords.put': async (record: PasswordRecord): Promise<void> => {
      await run(
        `INSERT INTO passwords VALUES ($1, $2, $3, $4, $5) ON CONFLICT (user_uid) DO UPDATE SET
         hash = $2, failures = $3, locked_until = $4, must_change = $5`,
        record.userUid,
        record.hash,
        record.failures,
        record.lockedUntil ?? null,
        record.mustChange,
      )
    },

    close: () => pool.end(),
  }
}

/** Finds out at the start, not at the first read, that the keys belong to another database. */
async function checkKey(pool: Pool, blobKey: Uint8Array): Promise<void> {
  const mark = createHash('sha256').update('flotilla blob key').update(blobKey).digest()
  await pool.query('INSERT INTO facts VALUES ($1, $2) ON CONFLICT DO NOTHING', ['blob-key', mark])
  const { rows } = await pool.query<{ value: Buffer }>('SELECT value FROM facts WHERE name = $1', ['blob-key'])
  const kept = rows[0]?.value
  if (kept === undefined || kept.length !== mark.length || !timingSafeEqual(kept, mark)) {
    throw new FlotillaError('store.unavailable', {
      message: 'The keys in the host cluster belong to another database.',
      remedy:
        'Use the database that this host wrote, or restore the Secret flotilla-store-keys that belongs to this one.',
    })
  }
}
