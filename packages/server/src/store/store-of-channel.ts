import { FlotillaError } from '@flotilla/model'
import { keepEndOfLog } from './keep-end-of-log.ts'
import { parseMigrationCursor, parseRunCursor } from './page-cursor.ts'
import type { StoreKeys } from './store-keys.ts'
import type { Store } from './store.ts'
import type { WorkerChannel } from './worker-channel.ts'

const longestPage = 500
/** Both databases take some 30,000 values in one question. */
const mostProjects = 10_000

/** The store whose operations a thread answers. */
export function storeOf({ call, lost, close }: WorkerChannel, { instance, digests }: StoreKeys): Store {
  return {
    instance,
    digestKey: digests,
    blobs: {
      put: (key, bytes) => call('blobs.put', checkKey(key), bytes),
      get: (key) => call('blobs.get', checkKey(key)),
      prune: (page) => call('blobs.prune', page),
    },
    revisions: {
      append: (revision) => call('revisions.append', revision),
      get: (uid, revision) => call('revisions.get', uid, revision),
      latest: (uid) => call('revisions.latest', uid),
      list: (uid, { before, limit }) => call('revisions.list', uid, before ?? Number.MAX_SAFE_INTEGER, pageOf(limit)),
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
      replace: (userUid, hash, next) => call('passwords.replace', userUid, hash, next),
      failed: (userUid, hash, now) => call('passwords.failed', userUid, hash, now),
      succeeded: (userUid, hash, now) => call('passwords.succeeded', userUid, hash, now),
    },
    audit: {
      append: (entries) => call('audit.append', entries),
      head: () => call('audit.head'),
      find: (question, { before, limit }) => call('audit.find', question, before, pageOf(limit)),
      walk: (question, { after, limit }) => call('audit.walk', question, after, pageOf(limit)),
      check: (from, wanted) => call('audit.check', from, wanted),
      prune: ({ before, most, entry }) => call('audit.prune', before, most, entry),
    },
    once: { claim: (id, until, now) => call('once.claim', id, until, now) },
    recordings: {
      begin: (recording) => call('recordings.begin', recording),
      append: (id, number, bytes) => call('recordings.append', id, number, bytes),
      end: (id, at) => call('recordings.end', id, at),
      get: (id) => call('recordings.get', id),
      piece: (id, number) => call('recordings.piece', id, number),
      remove: (id) => call('recordings.remove', id),
      prune: ({ before, mostBytes }) => call('recordings.prune', before, mostBytes),
    },
    migrationLedger: {
      begin: (claim) => call('migrationLedger.begin', claim),
      end: (key, holder, end) => call('migrationLedger.end', key, holder, end),
      resolve: (key, answer) => call('migrationLedger.resolve', key, answer),
      get: (key) => call('migrationLedger.get', key),
      list: async (projectUid, { application, before, limit }) => {
        const after = before === undefined ? undefined : parseMigrationCursor(before)
        return call('migrationLedger.list', projectUid, application, after, pageOf(limit))
      },
    },
    stepLogs: {
      put: (log) => call('stepLogs.put', { ...log, text: keepEndOfLog(log.text) }),
      get: (rolloutUid, step, attempt) => call('stepLogs.get', rolloutUid, step, attempt),
      list: (rolloutUid) => call('stepLogs.list', rolloutUid),
      prune: (before) => call('stepLogs.prune', before),
    },
    history: {
      record: (target, components, at) => call('history.record', target, components, at),
      find: async (question, { before, limit }) => {
        const asked = question.projectUids?.length ?? 0
        if (asked > mostProjects)
          throw new FlotillaError('input.too_large', { message: `${asked} projects cannot be looked for at once` })
        const after = before === undefined ? undefined : parseRunCursor(before)
        return call('history.find', question, after, pageOf(limit))
      },
    },
    lost,
    close,
  }
}

const pageOf = (limit: number): number => Math.min(Math.max(limit, 1), longestPage)

function checkKey(key: string): string {
  if (key.length > 0 && key.length <= 512) return key
  throw new FlotillaError('input.invalid', { message: 'A blob key has 1 to 512 characters', field: 'key' })
}
