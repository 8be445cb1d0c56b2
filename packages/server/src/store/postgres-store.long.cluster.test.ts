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
import { describeHistory, exampleComponent, exampleTarget } from './history.suite.ts'
import { describeMigrationLedger, exampleClaim } from './migration-ledger.suite.ts'
import { statementOf } from './operations/history-question.ts'
import { describeStepLogs } from './step-logs.suite.ts'
import { beginnings } from './postgres-transaction.ts'
import { describeStore, exampleRevision } from './store.suite.ts'
import type { Store } from './store.ts'
import { fillHistory } from './testing/fill-history.ts'
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
describeMigrationLedger('migrations in PostgreSQL', open, true)
describeStepLogs('logs of steps in PostgreSQL', open)
describeHistory('history in PostgreSQL', open, true)

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

  test('has each migration begun once, and each run whole with its images, after it was killed in the middle', async (t) => {
    const store = await open()
    t.after(() => store.close())
    const claims = Array.from({ length: 100 }, () => exampleClaim())
    const targets = claims.map((_, at) => exampleTarget({ projectUid: `killed-${at}` }))
    const say = (version: string) =>
      targets.map((target) => store.history.record(target, [exampleComponent('web', version)], '2026-01-01T00:00:00Z'))
    await Promise.all(say('1'))
    const calls = [...say('2'), ...claims.map((claim) => store.migrationLedger.begin(claim))]
    const ends = Promise.allSettled(calls)
    await Promise.any(calls)
    await postgres.kill()
    assert.ok((await ends).some(({ status }) => status === 'rejected'))
    await postgres.start()
    for (let tries = 0; tries < 50; tries++) {
      if (await store.stepLogs.list('none').catch(() => undefined)) break
      await wait(100)
    }
    // a server that starts again says it all again
    const begun = await Promise.all(claims.map((claim) => store.migrationLedger.begin(claim)))
    assert.ok(begun.every(({ mine, record }) => mine && record.runs === 1))
    await Promise.all(say('2'))
    const projectUids = targets.map(({ projectUid }) => projectUid)
    for (const question of [{ projectUids }, { projectUids, image: 'registry.test/web' }])
      for (const running of [true, false]) {
        const { items } = await store.history.find({ ...question, running }, { limit: 500 })
        assert.equal(items.length, 100)
        assert.ok(items.every(({ version }) => version === (running ? '2' : '1')))
      }
  })

  test('finds what runs an image among 100,000 runs by an index', async (t) => {
    await (await open()).close()
    const client = new Client({ connectionString: postgres.url })
    await client.connect()
    t.after(() => client.end())
    for (const text of [...fillHistory(100_000), 'ANALYZE history_runs', 'ANALYZE history_images'])
      await client.query(text)
    const image = 'registry.test/app-7'
    for (const question of [{ image }, { image, running: true }, { image: `${image}:3` }, { image: '@sha256:7-3' }]) {
      const { text, values } = statementOf(question, undefined, 100)
      let at = 0
      const numbered = text.replaceAll('?', () => `$${++at}`)
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN ANALYZE ${numbered}`, [...values])
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
      assert.match(plan, /(Index (Only )?|Bitmap Index )Scan .*history_images_/, plan)
      assert.doesNotMatch(plan, /Seq Scan on history_images/, plan)
      t.diagnostic(rows.at(-1)?.['QUERY PLAN'] ?? '')
    }
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
