import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { buildProgram } from '../program.ts'
import type { Io } from '../io.ts'
import { type FakeServer, refuse, startFakeServer } from '../testing/fake-server.ts'
import { releaseDetail, rolloutDetail, stageView, targetView } from '../testing/release-fixtures.ts'
import { testIo } from '../testing/test-io.ts'

const path = '/projects/shop/rollouts/web-3-1'

describe('flotilla rollout (a stand-in for the server)', () => {
  let server: FakeServer
  before(async () => void (server = await startFakeServer()))
  after(() => server.close())
  beforeEach(() => {
    server.asked.length = 0
    const accepted = { project: 'shop', rollout: 'web-3-1', changed: true }
    const controls = ['pause', 'resume', 'abort', 'retry', 'skip', 'resolution']
    server.answers = {
      [`GET ${path}`]: rolloutDetail(),
      ...Object.fromEntries(controls.map((name) => [`POST ${path}/${name}`, accepted])),
    }
  })
  const run = async (...words: string[]) => {
    const io = testIo({ env: server.env })
    await buildProgram(io, 'test').parseAsync(['node', 'flotilla', 'rollout', ...words])
    return io.said
  }
  const west = { cluster: 'west', namespace: 'shop' }

  for (const [words, name, body] of [
    [['pause', '--reason', 'errors'], 'pause', { reason: 'errors' }],
    [['pause'], 'pause', {}],
    [['resume'], 'resume', {}],
    [['abort', '--reason', 'old'], 'abort', { reason: 'old' }],
    [['retry'], 'retry', {}],
    [['retry', '--target', 'west'], 'retry', west],
    [['retry', '--stage', 'canary'], 'retry', { stage: 'canary' }],
    [['skip', '--target', 'west', '--reason', 'gone'], 'skip', { ...west, reason: 'gone' }],
    [['skip', '--step', 'go', '--reason', 'by phone'], 'skip', { stage: 'rest', step: 'go', reason: 'by phone' }],
    [
      ['skip', '--step', 'smoke', '--target', 'west', '--reason', 'by hand'],
      'skip',
      { ...west, stage: 'canary', step: 'smoke', reason: 'by hand' },
    ],
    [
      ['resolve', '--stage', 'canary', '--step', 'smoke', '--outcome', 'Failed', '--reason', 'looked'],
      'resolution',
      { ...west, stage: 'canary', step: 'smoke', outcome: 'Failed', reason: 'looked' },
    ],
  ] as const)
    test(`${words.join(' ')} is asked of the server, and says what comes next`, async () => {
      const [verb, ...rest] = words
      const { out, err } = await run(verb, 'shop/web-3-1', ...rest)
      const sent = server.asked.find(({ method }) => method === 'POST')
      assert.equal(sent?.path, `${path}/${name}`)
      assert.deepEqual(sent.body, body)
      assert.match(out, /^shop\/web-3-1 /)
      assert.match(err, /flotilla rollout status shop\/web-3-1/)
    })

  test('says when it was so already, and JSON to who asks for it', async () => {
    server.answers[`POST ${path}/pause`] = { project: 'shop', rollout: 'web-3-1', changed: false }
    assert.match((await run('pause', 'shop/web-3-1')).out, /was so already/)
    const { out } = await run('pause', 'shop/web-3-1', '-o', 'json')
    assert.deepEqual(JSON.parse(out), { project: 'shop', rollout: 'web-3-1', changed: false })
  })

  for (const words of [
    ['skip', '--reason', 'x'],
    ['skip', '--step', 'smoke', '--reason', 'x'],
    ['skip', '--target', 'north', '--reason', 'x'],
    ['retry', '--stage', 'none'],
    ['logs', '--step', 'smoke', '--stage', 'canary', '--attempt', '0'],
    ['logs'],
    ['logs', '--hook', 'migrate'],
    ['logs', '--hook', 'migrate', '--target', 'north'],
    ['rollback', '--stage', 'none', '--reason', 'x'],
  ])
    test(`asks nothing of the run when it makes no sense: ${words.join(' ')}`, async () => {
      const [verb = '', ...rest] = words
      await assert.rejects(run(verb, 'shop/web-3-1', ...rest), { name: 'UsageError' })
      assert.deepEqual(
        server.asked.filter(({ method }) => method !== 'GET'),
        [],
      )
    })

  test('is taken back as a new rollout, with the hold that comes of it', async () => {
    const back = rolloutDetail({ name: 'web-3-1-back', action: 'Rollback', of: 'web-3-1' })
    server.answers[`POST ${path}/rollback`] = back
    const { out, err } = await run(
      'rollback',
      'shop/web-3-1',
      '--reason',
      'Orders are lost',
      '--stage',
      'canary',
      '--target',
      'west',
      '--force',
    )
    assert.deepEqual(server.asked.at(-1)?.body, {
      reason: 'Orders are lost',
      force: true,
      stages: ['canary'],
      targets: [west],
    })
    assert.match(out, /shop\/web-3-1-back takes back web-3-1/)
    assert.match(err, /flotilla hold lift shop\/web/)
  })

  const taking = (given: Partial<Io>, ...words: string[]) => {
    const targets = ['west', 'east', 'north', 'again', 'new'].map((cluster) =>
      targetView({
        cluster,
        phase: cluster === 'north' || cluster === 'again' ? 'Pending' : 'Succeeded',
        before: cluster === 'new' ? undefined : 'sha256:0123456789abcdef',
      }),
    )
    const detail = { irreversible: ['web/migrate'], stages: [stageView({ name: 'canary', targets })] }
    const baseline = { baseline: 'sha256:0123456789abcdef', baselineRelease: 'web-2', digest: 'd2' }
    const [east, ...others] = releaseDetail().targetList
    assert.ok(east)
    server.answers[`GET ${path}`] = rolloutDetail(detail)
    server.answers['GET /projects/shop/releases/web-3'] = releaseDetail({
      targetList: [
        { ...east, ...baseline },
        { ...east, cluster: 'again', running: targetView({ cluster: 'again' }).digest },
        ...others,
      ],
    })
    server.answers[`POST ${path}/rollback`] = rolloutDetail({ name: 'back', action: 'Rollback', of: 'web-3-1' })
    const io = testIo({ env: server.env, ...given })
    const program = buildProgram(io, 'test')
    const all = ['rollout', 'rollback', 'shop/web-3-1', '--reason', 'x', ...words]
    return { io, done: program.parseAsync(['node', 'flotilla', ...all]) }
  }
  const begun = () => server.asked.some(({ method }) => method === 'POST')

  for (const answer of ['', 'n', 'yess'])
    test(`shows what goes back, asks, and begins nothing after the answer "${answer}"`, async () => {
      const { io, done } = taking({ interactive: true, ask: () => Promise.resolve(answer) })
      await assert.rejects(done, { name: 'NotAsWanted' })
      assert.ok(!begun())
      const { err } = io.said
      assert.match(err, /web +image nginx +nginx:1\.29\\x1b\[2J +nginx:1\.28/)
      assert.match(err, /west\/shop +canary +Succeeded +0123456789ab\n/)
      assert.match(err, /east\/shop +canary +Succeeded +web-2 \(0123456789ab\)/)
      assert.match(err, /new\/shop .* nothing: it had nothing/)
      assert.ok(!err.includes('north/shop'), 'what was not reached does not go back')
      assert.match(err, /again\/shop +canary +Pending/, 'an earlier run of the release brought it')
      assert.match(err, /cannot be taken back: web\/migrate; it is refused without --force/)
    })

  for (const [given, words] of [
    [{ interactive: true, ask: () => Promise.resolve('y') }, []],
    [{ interactive: true }, ['--yes']],
    [{}, []],
  ] as const)
    test(`begins after a yes, and where nobody is to be asked: ${JSON.stringify([given, words])}`, async () => {
      await taking(given, ...words).done
      assert.ok(begun())
    })

  test('is taken back also when its release is gone', async () => {
    const { done } = taking({})
    server.answers['GET /projects/shop/releases/web-3'] = refuse(404, { code: 'request.not_found', message: 'gone' })
    await done
    assert.ok(begun())
  })

  test('prints what a step printed, and nothing that steers a terminal', async () => {
    server.answers[`GET ${path}/log`] = {
      text: 'ok\n\u001b[31mred',
      attempt: 2,
      at: '2026-01-01T00:00:00Z',
      running: false,
    }
    const { out } = await run('logs', 'shop/web-3-1', '--step', 'smoke', '--target', 'west')
    assert.equal(out, 'ok\n\\x1b[31mred\n')
    assert.deepEqual(server.asked.at(-1)?.query, { ...west, stage: 'canary', step: 'smoke' })
  })

  test('prints what a hook of a chart printed in a target', async () => {
    server.answers[`GET ${path}/log`] = { text: 'migrated', attempt: 1, at: '2026-01-01T00:00:00Z', running: false }
    const { out, err } = await run('logs', 'shop/web-3-1', '--hook', 'migrate', '--target', 'west')
    assert.equal(out, 'migrated\n')
    assert.match(err, /hook migrate in west\/shop, attempt 1/)
    assert.deepEqual(server.asked.at(-1)?.query, { ...west, hook: 'migrate' })
  })

  test('is listed with what it waits for', async () => {
    const row = rolloutDetail({ phase: 'Paused', waitingFor: 'a person\u001b[2J' })
    server.answers['GET /rollouts'] = { items: [row], total: 1 }
    const { out } = await run('list', '--app', 'shop/web', '--running', '--release', 'web-3')
    assert.deepEqual(server.asked[0]?.query, {
      project: 'shop',
      application: 'web',
      release: 'web-3',
      running: 'true',
      limit: '100',
    })
    assert.match(out, /shop\/web-3-1 +web +web-3 +staged +Paused +5m +0\/2 +a person\\x1b\[2J +ana/)
  })
})
