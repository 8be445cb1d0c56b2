import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { RolloutDetail } from '@flotilla/api'
import type { Io } from '../io.ts'
import { buildProgram } from '../program.ts'
import { type FakeServer, startFakeServer } from '../testing/fake-server.ts'
import { digest, releaseDetail, rolloutDetail, stageView, stepView, targetView } from '../testing/release-fixtures.ts'
import { testIo } from '../testing/test-io.ts'

const ana = { name: 'ana', id: '1' }
const rollout = { name: 'web-3-1', phase: 'Running' }

describe('flotilla approve (a stand-in for the server)', () => {
  let server: FakeServer
  before(async () => void (server = await startFakeServer()))
  after(() => server.close())
  beforeEach(() => {
    server.asked.length = 0
    server.answers = {
      'GET /projects/shop/releases/web-3': releaseDetail(),
      'POST /projects/shop/approvals': { name: 'a1', by: ana, decision: 'Approved', at: '', current: true },
    }
  })
  const run = async (words: readonly string[], given: Partial<Io> = {}) => {
    const io = testIo({ env: server.env, ...given })
    await buildProgram(io, 'test').parseAsync(['node', 'flotilla', 'approve', 'shop/web-3', ...words])
    return io.said
  }
  const sent = () => server.asked.find(({ method }) => method === 'POST')?.body
  const waitingAt = (...names: string[]): RolloutDetail =>
    rolloutDetail({
      stages: [
        stageView({
          name: 'rest',
          steps: [
            ...names.map((name) => stepView({ name, type: 'approval', list: 'before', phase: 'Running' })),
            stepView({ name: 'later', type: 'approval' }),
            stepView({ name: 'smoke', phase: 'Running' }),
          ],
        }),
      ],
    })
  const rolling = (detail: RolloutDetail) => {
    server.answers['GET /projects/shop/releases/web-3'] = releaseDetail({ rollout })
    server.answers['GET /projects/shop/rollouts/web-3-1'] = detail
  }

  test('shows what is approved, asks, and sends the digest that was shown', async () => {
    const questions: string[] = []
    const ask = (question: string) => {
      questions.push(question)
      return Promise.resolve('y')
    }
    const { err, out } = await run(['--note', 'Tested'], { interactive: true, ask })
    assert.match(err, /web +image nginx +nginx:1\.28 +nginx:1\.29\\x1b\[2J/)
    assert.match(err, /west\/shop +prod +0 +2 +0/)
    assert.match(err, /Migrations: web\/migrate \(cannot be taken back\)/)
    assert.ok(err.includes(`Digest: ${digest}`))
    assert.deepEqual(questions, ['Approve shop/web-3 for every approval step of this release? [y/N] '])
    assert.deepEqual(sent(), { release: 'web-3', digest, decision: 'Approved', note: 'Tested' })
    assert.match(out, /Approved shop\/web-3 for every approval step of this release, by ana/)
  })

  test('shows the first targets, those that change most, and the first objects line by line', async () => {
    const [east] = releaseDetail().targetList
    assert.ok(east)
    const targetList = Array.from({ length: 30 }, (_, at) => ({ ...east, cluster: `c${at}`, added: 0, changed: at }))
    const items = Array.from({ length: 25 }, (_, at) => ({
      cluster: 'c29',
      namespace: 'shop',
      component: 'web',
      ref: { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'shop', name: `one-${at}` },
      change: 'changed',
      diff: `-a: ${at}\n+a: \u001b[2J`,
    }))
    const rest = { components: [], targets: [], truncated: false, failures: [], findings: [], unchanged: 0 }
    server.answers['GET /projects/shop/releases/web-3'] = releaseDetail({ targetList })
    server.answers['GET /projects/shop/releases/web-3/difference'] = { ...rest, digest, items }
    const { err } = await run([], { interactive: true, ask: () => Promise.resolve('y') })
    assert.ok(err.includes('c29/shop') && err.includes('c10/shop') && !err.includes('c9/shop'))
    assert.match(err, /and 10 more: flotilla release show shop\/web-3/)
    assert.ok(err.includes('ConfigMap shop/one-19') && !err.includes('one-20'))
    assert.ok(err.includes('-a: 19') && !err.includes('\u001b'))
    assert.match(err, /5 more objects: flotilla release diff shop\/web-3/)
  })

  test('asks also where the lines cannot be shown, and says so', async () => {
    const { err } = await run([], { interactive: true, ask: () => Promise.resolve('y') })
    assert.match(err, /cannot be shown now: .*flotilla release diff shop\/web-3/)
    assert.notEqual(sent(), undefined)
  })

  for (const answer of ['', 'n', 'yess'])
    test(`sends nothing after the answer "${answer}"`, async () => {
      await assert.rejects(run([], { interactive: true, ask: () => Promise.resolve(answer) }), { name: 'NotAsWanted' })
      assert.equal(sent(), undefined)
    })

  test('asks nobody where there is no terminal', async () => {
    await assert.rejects(run([]), { name: 'UsageError', message: /--yes/ })
    assert.equal(sent(), undefined)
  })

  test('is for the step that a rollout waits at', async () => {
    rolling(waitingAt('go'))
    await run(['--yes', '--reject'])
    const step = { rollout: 'web-3-1', stage: 'rest', step: 'go' }
    assert.deepEqual(sent(), { release: 'web-3', digest, decision: 'Rejected', ...step })
  })

  test('is for a step that many targets wait at, at once', async () => {
    const each = (cluster: string) =>
      targetView({ cluster, steps: [stepView({ name: 'go', type: 'approval', list: 'before', phase: 'Running' })] })
    rolling(rolloutDetail({ stages: [stageView({ name: 'rest', targets: [each('east'), each('west')] })] }))
    await run(['--yes'])
    const step = { rollout: 'web-3-1', stage: 'rest', step: 'go' }
    assert.deepEqual(sent(), { release: 'web-3', digest, decision: 'Approved', ...step })
  })

  test('is for all of the release where its rollout waits at no approval, or has ended', async () => {
    rolling(waitingAt())
    await run(['--yes'])
    assert.deepEqual(sent(), { release: 'web-3', digest, decision: 'Approved' })
    server.asked.length = 0
    rolling({ ...waitingAt('go'), phase: 'Aborted' })
    await run(['--yes'])
    assert.deepEqual(sent(), { release: 'web-3', digest, decision: 'Approved' })
  })

  test('of a rollback names the digest of what it writes, and says that it is one', async () => {
    rolling({ ...waitingAt('go'), action: 'Rollback', digest: 'sha256:before' })
    const { err } = await run(['--yes'])
    const step = { rollout: 'web-3-1', stage: 'rest', step: 'go' }
    assert.deepEqual(sent(), { release: 'web-3', digest: 'sha256:before', decision: 'Approved', ...step })
    assert.match(err, /This is its rollback/)
  })

  test('is for a step that is named, before it is waited at', async () => {
    rolling(waitingAt('go'))
    await run(['--yes', '--step', 'later'])
    assert.deepEqual(sent(), {
      release: 'web-3',
      digest,
      decision: 'Approved',
      rollout: 'web-3-1',
      stage: 'rest',
      step: 'later',
    })
  })

  for (const [words, detail] of [
    [[], waitingAt('go', 'law')],
    [['--rollout', 'web-3-1'], waitingAt()],
    [['--step', 'smoke'], waitingAt('go')],
    [['--step', 'none'], waitingAt('go')],
    [[], { ...waitingAt('go'), release: 'web-2' }],
  ] as const)
    test(`is not guessed: ${words.join(' ')}, waiting at ${detail.stages[0]?.steps.length} steps of ${detail.release}`, async () => {
      rolling(detail)
      await assert.rejects(run(['--yes', ...words]), { name: 'UsageError' })
      assert.equal(sent(), undefined)
    })

  test('is refused for a draft, and for another digest than was looked at', async () => {
    await assert.rejects(run(['--yes', '--digest', 'other']), { code: 'request.conflict' })
    server.answers['GET /projects/shop/releases/web-3'] = releaseDetail({ phase: 'Draft', digest: undefined })
    await assert.rejects(run(['--yes']), { code: 'request.conflict' })
    assert.equal(sent(), undefined)
  })

  test('that counts for nothing ends with 3', async () => {
    const given = { name: 'a1', by: ana, decision: 'Approved', at: '', current: false }
    server.answers['POST /projects/shop/approvals'] = given
    await assert.rejects(run(['--yes', '--digest', digest]), { name: 'NotAsWanted' })
  })
})
