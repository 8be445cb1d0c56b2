import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { asFlotillaError } from '@flotilla/model'
import { Client } from 'pg'
import { openPostgresStore } from './postgres-store.ts'
import { exampleEntry } from '../audit/testing/example-entry.ts'
import { describeAuditStore } from './audit.suite.ts'
import { beginnings } from './postgres-transaction.ts'
import { describeStore, exampleRevision } from './store.suite.ts'
import type { Store } from './store.ts'
import { startPostgres, type TestPostgres } from './testing/start-postgres.ts'

const keys = { blobs: randomBytes(32), digests: randomBytes(32), instance: randomUUID() }
let postgres: TestPostgres

before(async () => {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  postgres = await startPostgres(port)
})
after(() => postgres.close())

const open = (own = keys) => openPostgresStore({ url: postgres.url, keys: own })

describeStore('PostgreSQL store', open)
describeAuditStore('audit in PostgreSQL', open)

describe('a PostgreSQL that several servers share', () => {
  test('has what one of them wrote for the others, and the first of two revisions with one number', async (t) => {
    const [one, other] = await Promise.all([open(), open()])
    t.after(() => Promise.all([one.close(), other.close()]))
    await one.blobs.put('shared', Buffer.from('x'))
    assert.equal(Buffer.from((await other.blobs.get('shared')) ?? []).toString(), 'x')
    const uid = randomUUID()
    const both = await Promise.allSettled(
      [one, other].map((store, at) => store.revisions.append(exampleRevision(uid, 1, { reason: `by ${at}` }))),
    )
    assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected'])
    const session = {
      tokenHash: randomUUID(),
      userUid: 'u',
      kind: 'cli',
      createdAt: '2026',
      expiresAt: '2027',
    } as const
    await one.sessions.put(session)
    await other.sessions.deleteOfUser('u')
    assert.equal(await one.sessions.get(session.tokenHash), undefined)
  })

  test('chains what two of them write at once into one, whoever comes first', async (t) => {
    const [one, other] = await Promise.all([open(), open()])
    t.after(() => Promise.all([one.close(), other.close()]))
    const before = (await one.audit.head())?.sequence ?? 0
    const write = ({ audit }: Store, who: string) =>
      Promise.all(
        Array.from({ length: 20 }, (_, at) =>
          audit.append([exampleEntry({ target: { name: `${who} ${at}` } }), exampleEntry()]),
        ),
      )
    await Promise.all([write(one, 'one'), write(other, 'other')])
    const { broken, head } = await one.audit.check(undefined, [])
    assert.deepEqual([broken, head.sequence], [undefined, before + 80])
  })

  test('goes on after it was killed in the middle of what belongs together', async (t) => {
    const store = await open()
    t.after(() => store.close())
    const writing = Array.from({ length: 200 }, () =>
      store.audit.append(Array.from({ length: 50 }, () => exampleEntry())).then(
        () => 'written',
        () => 'refused',
      ),
    )
    await wait(50)
    await postgres.kill()
    assert.ok((await Promise.all(writing)).includes('refused'))
    assert.equal(store.lost.aborted, false, String(store.lost.reason))
    await postgres.start()
    for (let tries = 0; tries < 50; tries++) {
      const found = await store.audit.head().catch(() => undefined)
      if (found !== undefined) break
      await wait(100)
    }
    assert.equal((await store.audit.check(undefined, [])).broken, undefined)
    await store.audit.append([exampleEntry()])
  })

  test('lets the others go on when one server stops in the middle of its turn', async (t) => {
    const store = await open()
    t.after(() => store.close())
    const stopped = new Client({ connectionString: postgres.url, idle_in_transaction_session_timeout: 1_000 })
    stopped.on('error', () => undefined)
    await stopped.connect()
    t.after(() => stopped.end().catch(() => undefined))
    await stopped.query(beginnings.turn)
    await assert.doesNotReject(store.audit.append([exampleEntry()]))
  })

  test('refuses while it is killed, and goes on by itself when it is back', async (t) => {
    const store = await open()
    t.after(() => store.close())
    await store.blobs.put('before', Buffer.from('kept'))
    await store.passwords.put({ userUid: 'u', hash: 'h', failures: 0, mustChange: false })
    await postgres.kill()
    const refusal = await store.blobs.get('before').then(
      () => assert.fail('it answered'),
      (thrown: unknown) => asFlotillaError(thrown),
    )
    assert.equal(refusal.code, 'store.unavailable')
    assert.match(refusal.remedy ?? '', /goes on by itself/)
    assert.ok(!JSON.stringify(refusal).includes(new URL(postgres.url).password))
    await postgres.start()
    // a connection that died may still be in the pool for one call
    for (let tries = 0; tries < 50; tries++) {
      const found = await store.blobs.get('before').catch(() => undefined)
      if (found !== undefined) break
      await wait(100)
    }
    assert.equal(Buffer.from((await store.blobs.get('before')) ?? []).toString(), 'kept')
    assert.equal((await store.passwords.get('u'))?.hash, 'h')
  })

  test('is refused with the keys of another, with a wrong password, and where nothing listens', async () => {
    await (await open()).close()
    const refused = async (opening: Promise<{ close(): Promise<void> }>): Promise<string> =>
      opening.then(
        async (store) => {
          await store.close()
          return assert.fail('it was opened')
        },
        (thrown: unknown) => {
          const { code, message, remedy, retryAfter } = asFlotillaError(thrown)
          assert.equal(code, 'store.unavailable')
          return `${message} ${remedy}${retryAfter === undefined ? '' : ' (passes by itself)'}`
        },
      )
    assert.match(await refused(open({ ...keys, blobs: randomBytes(32) })), /keys .* belong to another database/)
    const wrong = new URL(postgres.url)
    wrong.password = 'hunter2'
    const said = await refused(openPostgresStore({ url: wrong.href, keys }))
    assert.match(said, /password authentication failed/)
    assert.doesNotMatch(said, /hunter2|passes by itself/)
    wrong.port = '1'
    assert.match(await refused(openPostgresStore({ url: wrong.href, keys })), /ECONNREFUSED.*passes by itself/)
  })
})
