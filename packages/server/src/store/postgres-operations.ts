import { createHash, timingSafeEqual } from 'node:crypto'
import { FlotillaError } from '@flotilla/model/errors'
import { Client, type ClientConfig, Pool, type PoolClient } from 'pg'
import { type AnsweredNow, driven, type SharedOperations, sharedOperations } from './operations/index.ts'
import { type Answer, driveLater, type Statement } from './operations/work.ts'
import { migratePostgres } from './postgres-migrations.ts'
import { together } from './postgres-transaction.ts'
import { seal, unseal } from './sealed.ts'
import type { StoreOperations } from './sqlite-operations.ts'
import type { BlobPrune, BlobsPruned } from './store.ts'

export interface PostgresOptions {
  /** `postgresql://user:password@host/database`, with what libpq knows (sslmode, sslrootcert ...). Never logged. */
  readonly url: string
  readonly blobKey: Uint8Array
}

type AnsweredLater<Operations> = {
  readonly [Name in keyof Operations]: AnsweredNow<Operations>[Name] extends (...args: infer Args) => infer T
    ? (...args: Args) => Promise<T>
    : never
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
/** A server that stops in the middle of its turn lets the others go on after so long. */
const idleMs = 5_000
const lockMs = 10_000
/** A database that says nothing for so long is not waited for. */
const silentMs = 40_000

type Row = Record<string, unknown>

/**
 * A connection that always has somebody who hears of its end. The pool takes its own listener away while it hands one over; what
 * the database says in that instant, unheard, would end the thread. Who waits for an answer is told anyway.
 */
class HeardClient extends Client {
  constructor(config?: string | ClientConfig) {
    super(config)
    this.on('error', () => undefined)
  }
}

/**
 * The store's operations on PostgreSQL (12 or newer). Any number of processes may share a database: what two of them
 * write at once is decided by its constraints. It runs in a worker thread, as what it seals takes time.
 */
export async function openPostgres({ url, blobKey }: PostgresOptions): Promise<PostgresOperations> {
  const pool = new Pool({
    Client: HeardClient,
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: connectMs,
    statement_timeout: statementMs,
    idle_in_transaction_session_timeout: idleMs,
    lock_timeout: lockMs,
    query_timeout: silentMs,
    application_name: 'flotilla',
    // a database that is restarted is found again by the next call
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
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
        await together(pool, 'apart', async (client) => {
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

    ...driven<AnsweredLater<SharedOperations>>(sharedOperations(blobKey), ({ together: how, work }, args) =>
      how === 'apart'
        ? driveLater(work(...args), askOn(pool))
        : together(pool, how, (client) => driveLater(work(...args), askOn(client))),
    ),

    close: () => pool.end(),
  }
}

const askOn =
  (on: Pool | PoolClient) =>
  async ({ text, values }: Statement): Promise<Answer> => {
    let at = 0
    const { rows, rowCount } = await on.query<Row>(
      text.replaceAll('?', () => `$${++at}`),
      [...values],
    )
    return { rows, changes: rowCount ?? 0 }
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
