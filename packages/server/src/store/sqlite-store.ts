import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readStoreKeys } from './store-keys.ts'
import { storeOf } from './store-of-channel.ts'
import type { Store } from './store.ts'
import { openWorkerChannel } from './worker-channel.ts'

export interface SqliteStoreOptions {
  /** Made with mode 0700 when it is not there. One process at a time may use it. */
  readonly dataDir: string
  /** For tests of a full disk: pages of 4 KiB that the database may have. */
  readonly maxPages?: number
}

/** Opens the embedded store. Fails with `store.unavailable` when another process holds it or its keys are missing. */
export async function openSqliteStore({ dataDir, maxPages }: SqliteStoreOptions): Promise<Store> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const file = join(dataDir, 'flotilla.db')
  const keys = await readStoreKeys(dataDir, file)
  return storeOf(await openWorkerChannel({ kind: 'sqlite', file, blobKey: keys.blobs, maxPages }), keys)
}
