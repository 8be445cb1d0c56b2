import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { FlotillaError } from '@flotilla/model'
import { readStoreKeys } from './store-keys.ts'
import type { Store } from './store.ts'
import { openWorkerChannel } from './worker-channel.ts'

export interface SqliteStoreOptions {
  /** Made with mode 0700 when it is not there. One process at a time may use it. */
  readonly dataDir: string
  /** For tests of a full disk: pages of 4 KiB that the database may have. */
  readonly maxPages?: number
}

export interface SqliteStore extends Store {
  /** Names this data directory over restarts. */
  readonly instance: string
}

const longestPage = 500

/** Opens the embedded store. Fails with `store.unavailable` when another process holds it or its keys are missing. */
export async function openSqliteStore({ dataDir, maxPages }: SqliteStoreOptions): Promise<SqliteStore> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const file = join(dataDir, 'flotilla.db')
  const keys = await readStoreKeys(dataDir, file)
  const { call, close } = await openWorkerChannel({ file, blobKey: keys.blobs, maxPages })
  return {
    instance: keys.instance,
    digestKey: keys.digests,
    blobs: {
      put: (key, bytes) => call('blobs.put', checkKey(key), bytes),
      get: (key) => call('blobs.get', checkKey(key)),
      prune: (page) => call('blobs.prune', page),
    },
    revisions: {
      append: (revision) => call('revisions.append', revision),
      get: (uid, revision) => call('revisions.get', uid, revision),
      latest: (uid) => call('revisions.latest', uid),
      list: (uid, { before, limit }) =>
        call('revisions.list', uid, before ?? Number.MAX_SAFE_INTEGER, Math.min(Math.max(limit, 1), longestPage)),
      applications: ({ after, limit }) => call('revisions.applications', after ?? '', Math.min(limit, longestPage)),
      prune: (uid, left) => call('revisions.prune', uid, left),
    },
    sessions: {
      put: (session) => call('sessions.put', session),
      get: (tokenHash) => call('sessions.get', tokenHash),
      delete: (tokenHash) => call('sessions.delete', tokenHash),
      deleteOfUser: (userUid) => call('sessions.deleteOfUser', userUid),
      deleteExpired: (now) => call('sessions.deleteExpired', now),
    },
    apiTokens: {
      put: (token) => call('apiTokens.put', token),
      get: (tokenHash) => call('apiTokens.get', tokenHash),
      list: (userUid) => call('apiTokens.list', userUid),
      delete: (userUid, id) => call('apiTokens.delete', userUid, id),
      use: (tokenHash, at) => call('apiTokens.use', tokenHash, at),
      deleteExpired: (before) => call('apiTokens.deleteExpired', before),
    },
    passwords: {
      get: (userUid) => call('passwords.get', userUid),
      put: (record) => call('passwords.put', record),
    },
    audit: {
      append: (entries) => call('audit.append', entries),
      head: () => call('audit.head'),
      find: (question, { before, limit }) =>
        call('audit.find', question, before, Math.min(Math.max(limit, 1), longestPage)),
      walk: (question, { after, limit }) =>
        call('audit.walk', question, after, Math.min(Math.max(limit, 1), longestPage)),
      check: (from, wanted) => call('audit.check', from, wanted),
      prune: ({ before, most, entry }) => call('audit.prune', before, most, entry),
    },
    close,
  }
}

function checkKey(key: string): string {
  if (key.length > 0 && key.length <= 512) return key
  throw new FlotillaError('input.invalid', { message: 'A blob key has 1 to 512 characters', field: 'key' })
}
