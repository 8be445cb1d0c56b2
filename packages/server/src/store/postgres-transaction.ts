import type { Pool, PoolClient } from 'pg'
import type { Togetherness } from './operations/work.ts'

/** Any number that no other program in the same database is likely to lock. */
const lock = 7_402_118_233

export const beginnings: Readonly<Record<Togetherness, string>> = {
  apart: 'BEGIN ISOLATION LEVEL READ COMMITTED',
  snapshot: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
  // whoever waits for the lock sees what the one before wrote, whatever the database's default is
  turn: `BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(${lock})`,
}

/** All of it or nothing. */
export async function together<T>(pool: Pool, how: Togetherness, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query(beginnings[how])
    const result = await work(client)
    await client.query('COMMIT')
    return result
  } catch (thrown) {
    await client.query('ROLLBACK').catch((error: Error) => (broken = error))
    throw thrown
  } finally {
    // a connection whose state is not known is not used again; one that has ended the pool drops by itself
    client.release(broken)
  }
}
