import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { asFlotillaError } from '@flotilla/model'
import * as fc from 'fast-check'
import type { Revision, Store } from './store.ts'

const codeOf = (code: string) => (thrown: unknown) => asFlotillaError(thrown).code === code

export const exampleRevision = (
  applicationUid: string,
  revision: number,
  fields: Partial<Revision> = {},
): Revision => ({
  applicationUid,
  project: 'shop',
  application: 'web',
  revision,
  at: '2026-01-01T00:00:00Z',
  by: 'ada',
  reason: 'edited',
  spec: {
    components: [{ name: 'web', manifests: { inline: 'a: 1' }, values: { n: revision }, hookTimeoutSeconds: 300 }],
    placement: {},
    mode: 'direct',
    maxConcurrency: 5,
    driftPolicy: 'Repair',
    deletionPolicy: 'Delete',
    paused: false,
    pollSeconds: 60,
  },
  sources: [],
  targets: { 'east/shop': 'sha256:1' },
  ...fields,
})

/** What every store must do. `open` opens the same store again each time, as a restarted server would. */
export function describeStore(name: string, open: () => Promise<Store>): void {
  describe(name, () => {
    let store: Store
    before(async () => {
      store = await open()
    })
    after(() => store.close())
    const reopen = async (): Promise<void> => {
      await store.close()
      store = await open()
    }

    test('keeps recordings of shells in pieces, also after a restart, and lets the oldest go', async () => {
      const { recordings } = store
      const before = '2026-01-01T00:00:00.000Z'
      const begin = async (at: string, bytes: number): Promise<string> => {
        const id = randomUUID()
        await store.recordings.begin({ id, at, workspaceUid: 'w', projectUid: 'p' })
        await store.recordings.append(id, 0, randomBytes(bytes))
        await store.recordings.end(id, at)
        return id
      }
      const old = await begin('2025-01-01T00:00:00.000Z', 10)
      const id = randomUUID()
      await recordings.begin({ id, at: before, workspaceUid: 'w', projectUid: 'p' })
      await recordings.append(id, 0, Buffer.from('first'))
      await recordings.append(id, 1, Buffer.from('second'))
      await reopen()
      assert.deepEqual(await store.recordings.get(id), { id, at: before, workspaceUid: 'w', projectUid: 'p' })
      const pieces = await Promise.all([0, 1, 2].map((number) => store.recordings.piece(id, number)))
      assert.deepEqual(
        pieces.map((piece) => piece && Buffer.from(piece).toString()),
        ['first', 'second', undefined],
      )
      assert.equal(await store.recordings.get(randomUUID()), undefined)

      assert.equal(await store.recordings.prune({ before, mostBytes: 1e9 }), 1)
      assert.deepEqual([await store.recordings.get(old), await store.recordings.piece(old, 0)], [undefined, undefined])
      const [older, newer] = [await begin('2026-01-02T00:00:00Z', 9_000), await begin('2026-01-03T00:00:00Z', 9_000)]
      // the one that still goes on stays, whatever there is
      assert.equal(await store.recordings.prune({ before, mostBytes: 12_000 }), 1)
      assert.equal(await store.recordings.get(older), undefined)
      assert.ok((await store.recordings.get(newer)) !== undefined && (await store.recordings.get(id)) !== undefined)
      assert.equal(await store.recordings.prune({ before, mostBytes: 12_000 }), 0)
      await store.recordings.remove(newer)
      await store.recordings.remove(id)
      assert.equal(await store.recordings.piece(id, 0), undefined)
    })

    test('gives back every blob, also after a restart', async () => {
      const blobs = fc
        .sample(fc.uint8Array({ maxLength: 5_000 }), 30)
        .map((bytes) => ({ key: `blob-${randomUUID()}`, bytes }))
      blobs.push({ key: 'empty', bytes: new Uint8Array() }, { key: 'big', bytes: randomBytes(3_000_000) })
      for (const { key, bytes } of blobs) await store.blobs.put(key, bytes)
      await reopen()
      for (const { key, bytes } of blobs) {
        assert.deepEqual(Buffer.from((await store.blobs.get(key)) ?? []), Buffer.from(bytes))
      }
      assert.equal(await store.blobs.get('never written'), undefined)
    })

    test('never puts other bytes under a key', async () => {
      await store.blobs.put('once', Buffer.from('first'))
      await store.blobs.put('once', Buffer.from('second'))
      assert.equal(Buffer.from((await store.blobs.get('once')) ?? []).toString(), 'first')
    })

    test('prunes only what is old and not kept', async () => {
      for (const key of ['p1', 'p2', 'p3']) await store.blobs.put(key, Buffer.from(key))
      const all = { limit: 1000, keep: new Set<string>() }
      assert.deepEqual(await store.blobs.prune({ ...all, before: '2000-01-01T00:00:00Z' }), {
        gone: 0,
        next: undefined,
      })
      const late = { before: '2100-01-01T00:00:00Z', keep: new Set(['p2', 'once']) }
      assert.ok((await store.blobs.prune({ ...late, limit: 1000 })).gone >= 2)
      assert.equal(await store.blobs.get('p1'), undefined)
      assert.ok((await store.blobs.get('p2')) !== undefined)
    })

    test('prunes a page at a time, and gets past what is kept', async () => {
      for (const key of ['q1', 'q2', 'q3', 'q4']) await store.blobs.put(key, Buffer.from(key))
      const page = { before: '2100-01-01T00:00:00Z', keep: new Set(['q1', 'q2', 'p2', 'once']), limit: 2 }
      let after: string | undefined = 'q'
      const seen: number[] = []
      do {
        const { gone, next } = await store.blobs.prune({ ...page, after })
        seen.push(gone)
        after = next
      } while (after !== undefined && seen.length < 9)
      assert.deepEqual(seen.slice(0, 2), [0, 2])
      assert.ok((await store.blobs.get('q1')) !== undefined)
      assert.equal(await store.blobs.get('q4'), undefined)
    })

    test('prunes revisions but the newest and those that are kept', async () => {
      const [uid, other] = [`r-${randomUUID()}`, `r-${randomUUID()}`]
      for (const revision of [1, 2, 3, 4, 5]) await store.revisions.append(exampleRevision(uid, revision))
      await store.revisions.append(exampleRevision(other, 1))
      assert.equal(await store.revisions.prune(uid, { newest: 2, keep: new Set([2]) }), 2)
      const left = await store.revisions.list(uid, { limit: 9 })
      assert.deepEqual(
        left.map(({ revision }) => revision),
        [5, 4, 2],
      )
      const known = await store.revisions.applications({ after: 'r-', limit: 500 })
      assert.deepEqual(
        known.filter((one) => one === uid || one === other),
        [uid, other].sort(),
      )
      assert.equal(await store.revisions.prune(other, { newest: 0, keep: new Set() }), 1)
      assert.equal(await store.revisions.latest(other), undefined)
    })

    test('keeps the digest key', async () => {
      const { digestKey } = store
      assert.equal(digestKey.length, 32)
      await reopen()
      assert.deepEqual(Buffer.from(store.digestKey), Buffer.from(digestKey))
    })

    test('lists revisions newest first, in pages, per application', async () => {
      const uid = randomUUID()
      for (const revision of [1, 2, 3, 4, 5]) await store.revisions.append(exampleRevision(uid, revision))
      await store.revisions.append(exampleRevision(randomUUID(), 9))
      const first = await store.revisions.list(uid, { limit: 2 })
      assert.deepEqual(
        first.map(({ revision }) => revision),
        [5, 4],
      )
      const second = await store.revisions.list(uid, { limit: 9, before: 4 })
      assert.deepEqual(
        second.map(({ revision }) => revision),
        [3, 2, 1],
      )
      assert.deepEqual(await store.revisions.latest(uid), exampleRevision(uid, 5))
      assert.deepEqual(await store.revisions.get(uid, 3), exampleRevision(uid, 3))
      assert.equal(await store.revisions.get(uid, 6), undefined)
      assert.equal(await store.revisions.latest(randomUUID()), undefined)
    })

    test('takes the same revision twice, but not another under its number', async () => {
      const uid = randomUUID()
      await store.revisions.append(exampleRevision(uid, 1))
      await store.revisions.append(exampleRevision(uid, 1, { at: '2026-01-02T00:00:00Z' }))
      await assert.rejects(
        store.revisions.append(exampleRevision(uid, 1, { reason: 'other' })),
        codeOf('request.conflict'),
      )
      assert.equal((await store.revisions.get(uid, 1))?.at, '2026-01-01T00:00:00Z')
    })

    test('ends sessions one by one, by person and by time', async () => {
      const user: string = randomUUID()
      const session = (tokenHash: string, expiresAt: string, userUid = user) =>
        ({ tokenHash, userUid, kind: 'cli', createdAt: '2026-01-01T00:00:00.000Z', expiresAt }) as const
      const late = '2026-02-01T00:00:00.000Z'
      await store.sessions.put(session('a', late))
      await store.sessions.put(session('b', late))
      await store.sessions.put(session('c', '2026-01-02T00:00:00.000Z', 'other'))
      await store.sessions.put(session('d', late, 'other'))
      assert.deepEqual(await store.sessions.get('a'), session('a', late))
      await store.sessions.delete('a')
      assert.equal(await store.sessions.get('a'), undefined)
      await store.sessions.deleteOfUser(user)
      assert.equal(await store.sessions.get('b'), undefined)
      assert.equal(await store.sessions.deleteExpired('2026-01-15T00:00:00.000Z'), 1)
      assert.equal(await store.sessions.get('c'), undefined)
      assert.ok((await store.sessions.get('d')) !== undefined)
    })

    test('keeps API tokens by person, and forgets them one by one and by time', async () => {
      const userUid = randomUUID()
      const token = (id: string, createdAt: string, more: object = {}) =>
        ({
          tokenHash: `hash-${userUid}-${id}`,
          id: `${userUid}-${id}`,
          userUid,
          name: 'build',
          access: 'write',
          createdBy: 'ada',
          createdAt,
          expiresAt: '2026-03-01T00:00:00.000Z',
          ...more,
        }) as const
      const project = { name: 'shop', uid: 'u' }
      const [old, scoped] = [
        token('1', '2026-01-01T00:00:00.000Z', { expiresAt: '2026-01-02T00:00:00.000Z' }),
        token('2', '2026-01-02T00:00:00.000Z', { access: 'read', project }),
      ]
      await store.apiTokens.put(old)
      await store.apiTokens.put(scoped)
      assert.deepEqual(await store.apiTokens.list(userUid), [scoped, old])
      await store.apiTokens.use(scoped.tokenHash, '2026-01-05T00:00:00.000Z')
      const used = { ...scoped, lastUsedAt: '2026-01-05T00:00:00.000Z' }
      assert.deepEqual(await store.apiTokens.get(scoped.tokenHash), used)
      assert.equal(await store.apiTokens.delete('somebody else', scoped.id), false)
      assert.equal(await store.apiTokens.deleteExpired('2026-01-15T00:00:00.000Z'), 1)
      assert.deepEqual(await store.apiTokens.list(userUid), [used])
      assert.equal(await store.apiTokens.delete(userUid, scoped.id), true)
      assert.equal(await store.apiTokens.get(scoped.tokenHash), undefined)
    })

    test('replaces the password of a person', async () => {
      const userUid = randomUUID()
      assert.equal(await store.passwords.get(userUid), undefined)
      await store.passwords.put({
        userUid,
        hash: 'h1',
        failures: 2,
        lockedUntil: '2026-01-01T00:00:00Z',
        mustChange: true,
      })
      await store.passwords.put({ userUid, hash: 'h2', failures: 0, mustChange: false })
      assert.deepEqual(await store.passwords.get(userUid), { userUid, hash: 'h2', failures: 0, mustChange: false })
    })

    test('counts every failure of a password, however many come at once, until it locks', async () => {
      const userUid = randomUUID()
      const now = Date.parse('2026-01-01T00:00:00Z')
      await store.passwords.put({ userUid, hash: 'h', failures: 0, mustChange: true })
      const fail = (at = now) => store.passwords.failed(userUid, 'h', at)
      const before = await Promise.all(Array.from({ length: 25 }, () => fail()))
      assert.deepEqual(
        before.map(({ count }) => count).sort((a, b) => a - b),
        Array.from({ length: 25 }, (_, at) => Math.min(at, 10)),
      )
      assert.equal(before.filter(({ lockedUntil }) => lockedUntil > now).length, 15)
      // the right one changes nothing while it is locked
      assert.equal((await store.passwords.succeeded(userUid, 'h', now))?.count, 10)
      assert.equal((await store.passwords.get(userUid))?.failures, 10)
      const later = now + 31_000
      await fail(later)
      assert.equal((await store.passwords.get(userUid))?.lockedUntil, new Date(later + 60_000).toISOString())
      assert.equal((await store.passwords.succeeded(userUid, 'h', later + 61_000))?.count, 11)
      assert.deepEqual(await store.passwords.get(userUid), { userUid, hash: 'h', failures: 0, mustChange: true })
    })

    test('brings back no password that was replaced while it was checked', async () => {
      const userUid = randomUUID()
      const set = { userUid, hash: 'set', failures: 0, mustChange: true }
      await store.passwords.put({ userUid, hash: 'old', failures: 3, mustChange: false })
      await store.passwords.put(set)
      assert.equal((await store.passwords.failed(userUid, 'old', 0)).count, 0)
      assert.equal(await store.passwords.succeeded(userUid, 'old', 0), undefined)
      assert.equal(await store.passwords.replace(userUid, 'old', 'own'), false)
      assert.deepEqual(await store.passwords.get(userUid), set)
      assert.equal(await store.passwords.replace(userUid, 'set', 'own'), true)
      const own = { userUid, hash: 'own', failures: 0, mustChange: false }
      assert.deepEqual(await store.passwords.get(userUid), own)
    })

    test('serves many callers at once', async () => {
      const keys = Array.from({ length: 200 }, (_, at) => `many-${at}`)
      await Promise.all(keys.map((key) => store.blobs.put(key, Buffer.from(key))))
      const read = await Promise.all(keys.map((key) => store.blobs.get(key)))
      assert.deepEqual(
        read.map((bytes) => Buffer.from(bytes ?? []).toString()),
        keys,
      )
    })

    test('lets a thing be done once, also after a restart, and forgets it when it counts no more', async () => {
      const id = randomUUID()
      const both = [store.once.claim(id, '2026-01-02', '2026-01-01'), store.once.claim(id, '2026-01-02', '2026-01-01')]
      assert.deepEqual(new Set(await Promise.all(both)), new Set([true, false]))
      await reopen()
      assert.equal(await store.once.claim(id, '2026-01-02', '2026-01-01'), false)
      assert.equal(await store.once.claim(id, '2026-01-04', '2026-01-03'), true)
    })
  })
}
