import type { Pool, PoolClient } from 'pg'

/** All of it or nothing. */
export async function together<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query('BEGIN')
    const result = await work(client)
    await client.query('COMMIT')
    return result
  } catch (thrown) {
    await client.query('ROLLBACK').catch((error: Error) => (broken = error))
    throw thrown
  } finally {
    // a connection whose state is not known is not used again
    client.release(broken)
  }
}
