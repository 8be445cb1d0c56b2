import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { buildProgram } from '../program.ts'
import { type FakeServer, refuse, startFakeServer } from '../testing/fake-server.ts'
import { digest, releaseDetail } from '../testing/release-fixtures.ts'
import { testIo } from '../testing/test-io.ts'

describe('flotilla release (a stand-in for the server)', () => {
  let server: FakeServer
  before(async () => void (server = await startFakeServer()))
  after(() => server.close())
  beforeEach(() => {
    server.asked.length = 0
    server.answers = {}
  })
  const run = async (...words: string[]) => {
    const io = testIo({ env: server.env })
    await buildProgram(io, 'test').parseAsync(['node', 'flotilla', 'release', ...words])
    return io.said
  }
  const draft = releaseDetail({ phase: 'Draft', digest: undefined, targetList: [], targets: 0 })
  const web3 = '/projects/shop/releases/web-3'

  test('is drafted from what is chosen, and says what comes next', async () => {
    const direct = { severity: 'Warning', code: 'release.direct', message: 'set spec.mode: governed' }
    server.answers['POST /projects/shop/releases'] = { ...draft, findingList: [direct] }
    const { out, err } = await run(
      'create',
      'shop/web',
      '--set',
      'web=1.5.0',
      '--image',
      'web/nginx=nginx:1.29',
      '--from',
      'staging',
      '--from-cluster',
      'west/shop',
      '--ticket',
      'SHOP-12',
      '--title',
      'The new basket',
      '--note',
      'More',
    )
    assert.deepEqual(server.asked[0]?.body, {
      application: 'web',
      freeze: false,
      components: [{ name: 'web', version: '1.5.0', images: { nginx: 'nginx:1.29' } }],
      copyFrom: { environment: 'staging', cluster: 'west', namespace: 'shop' },
      title: 'The new basket',
      notes: 'More',
      tickets: ['SHOP-12'],
    })
    assert.match(out, /Release shop\/web-3 of web is drafted/)
    assert.match(out, /web +image nginx +nginx:1\.28 +nginx:1\.29\\x1b\[2J/)
    assert.match(err, /flotilla release freeze shop\/web-3 --wait/)
    assert.match(err, /set spec\.mode: governed/)
  })

  test('is waited for while it freezes, with how far it is; nothing is made when the time makes no sense', async () => {
    await assert.rejects(run('create', 'shop/web', '--freeze', '--wait=soon'), { name: 'UsageError' })
    await assert.rejects(run('create', 'shop/web', '--wait'), { name: 'UsageError' })
    assert.equal(server.asked.length, 0)
    const looks = [{ ...draft, freezing: true, waitingFor: 'rendered 40 of 100 targets' }, releaseDetail()]
    server.answers['POST /projects/shop/releases'] = { ...draft, freezing: true }
    server.answers[`GET ${web3}`] = () => looks.shift()
    const { out, err } = await run('create', 'shop/web', '--freeze', '--wait')
    assert.match(err, /rendered 40 of 100 targets/)
    assert.match(out, /shop\/web-3 is frozen: \+1 ~3 -0 objects in 2 targets, digest hmac-sha256:a+/)
  })

  test('that cannot be frozen says why, and ends with 3', async () => {
    const finding = {
      severity: 'Error',
      code: 'render.unstable',
      message: 'renders differently each time',
      component: 'web',
    }
    server.answers[`POST ${web3}/freeze`] = { ...draft, freezing: true }
    server.answers[`GET ${web3}`] = { ...draft, freezing: true, findingList: [finding] }
    const io = testIo({ env: server.env })
    await assert.rejects(
      buildProgram(io, 'test').parseAsync(['node', 'flotilla', 'release', 'freeze', 'shop/web-3', '--wait']),
      { name: 'NotAsWanted' },
    )
    assert.match(io.said.err, /Error: web: renders differently each time/)
  })

  test('is found by its name alone where there is one', async () => {
    server.answers['GET /releases'] = { items: [releaseDetail(), releaseDetail({ name: 'web-30' })], total: 2 }
    server.answers[`GET ${web3}`] = releaseDetail({ notes: 'one\u001b[2J\ntwo' })
    const { out } = await run('show', 'web-3')
    assert.ok(out.includes(`Digest: ${digest}`))
    assert.match(out, /Migrations: web\/migrate \(cannot be taken back\)/)
    assert.match(out, /east\/shop +prod +\+1 ~1 -0 +web-2 +its baseline/)
    assert.match(out, /one\\x1b\[2J\ntwo/)
    server.answers['GET /releases'] = { items: [releaseDetail(), releaseDetail({ project: 'other' })], total: 2 }
    await assert.rejects(run('show', 'web-3'), { name: 'UsageError', message: /shop\/web-3, other\/web-3/ })
  })

  test('is listed with filters', async () => {
    server.answers['GET /releases'] = {
      items: [releaseDetail({ approvals: { approved: 1, rejected: 0 } })],
      total: 5,
      continue: 'x',
    }
    const { out, err } = await run(
      'list',
      '--app',
      'shop/web',
      '--phase',
      'Frozen',
      '--phase',
      'Active',
      '--limit',
      '1',
    )
    assert.deepEqual(server.asked[0]?.query, { project: 'shop', application: 'web', phase: 'Active', limit: '1' })
    assert.match(out, /shop\/web-3 +web +Frozen +- +2 +\+1 ~3 -0 +1 +- +60m/)
    assert.match(err, /Shown: 1 of 5/)
    await assert.rejects(run('list', '--limit', '0'), { name: 'UsageError' })
    await assert.rejects(run('list', '--app', 'a/b/c'), { name: 'UsageError' })
  })

  test('is compared with what ran, or with another of the same project', async () => {
    const answer = {
      digest,
      components: releaseDetail().components,
      targets: [{ cluster: 'east', namespace: 'shop', added: 0, changed: 1, removed: 0 }],
      items: [
        {
          cluster: 'east',
          namespace: 'shop',
          component: 'web',
          ref: { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'shop', name: 'web' },
          change: 'changed',
          diff: '-  replicas: 1\n+  replicas: 2\n',
          paths: ['spec.replicas'],
        },
      ],
      truncated: true,
      failures: [],
      findings: [],
      unchanged: 7,
    }
    server.answers[`GET ${web3}/difference`] = answer
    const { out, err } = await run('diff', 'shop/web-3', '--cluster', 'east', '--component', 'web')
    assert.deepEqual(server.asked[0]?.query, { cluster: 'east', component: 'web' })
    assert.match(out, /~ Deployment shop\/web +\(web in east\/shop, changed\)\n- {2}replicas: 1/)
    assert.match(err, /\+0 ~1 -0 objects in 1 targets, 7 do not differ\nOnly 1 objects are shown/)
    const two = await run('diff', 'shop/web-2', 'web-3', '--stat')
    assert.deepEqual(server.asked[1]?.query, { against: 'web-2' })
    assert.doesNotMatch(two.out, /Deployment/)
    assert.match(two.out, /east\/shop +- +0 +1 +0/)
    await assert.rejects(run('diff', 'shop/web-2', 'other/web-3'), { name: 'UsageError' })
    await assert.rejects(run('diff', 'shop/web-3', '--exit-code'), { name: 'NotAsWanted' })
  })

  test('is rejected with a reason', async () => {
    server.answers[`POST ${web3}/rejection`] = releaseDetail({ phase: 'Rejected' })
    assert.match((await run('reject', 'shop/web-3', '--reason', 'loses items')).out, /never goes out/)
    assert.deepEqual(server.asked[0]?.body, { reason: 'loses items' })
    await assert.rejects(run('reject', 'shop/web-3'), { code: 'commander.missingMandatoryOptionValue' })
  })

  test('starts with the very digest that was read, under both names, for targets that it has', async () => {
    const { rolloutDetail } = await import('../testing/release-fixtures.ts')
    server.answers[`GET ${web3}`] = releaseDetail()
    server.answers['POST /projects/shop/rollouts'] = rolloutDetail()
    const body = { release: 'web-3', plan: 'staged', digest, targets: [{ cluster: 'west', namespace: 'shop' }] }
    const { out, err } = await run('start', 'shop/web-3', '--plan', 'staged', '--target', 'west')
    assert.deepEqual(server.asked.at(-1)?.body, body)
    assert.match(out, /Rollout shop\/web-3-1 sends web-3 out by plan staged: 2 targets in 2 stages/)
    assert.match(err, /See: flotilla rollout status shop\/web-3-1 --watch/)
    const finding = {
      severity: 'Warning',
      code: 'rollout.will_move',
      message: 'It waits for the rollout web-2-1',
    } as const
    server.answers['POST /projects/shop/rollouts'] = rolloutDetail({ findings: [finding] })
    const warned = await run('start', 'shop/web-3', '--plan', 'staged')
    assert.match(warned.err, /^Warning: It waits for the rollout web-2-1$/m)
    await assert.rejects(run('start', 'shop/web-3', '--plan', 'staged', '--target', 'north'), { name: 'UsageError' })
    server.answers['POST /projects/shop/rollouts'] = refuse(422, {
      code: 'input.invalid',
      message: 'stage canary selects no target',
      field: 'spec.stages[0].targets',
    })
    const io = testIo({ env: server.env })
    const words = ['rollout', 'start', 'shop/web-3', '--plan', 'staged']
    await assert.rejects(buildProgram(io, 'test').parseAsync(['node', 'flotilla', ...words]), { code: 'input.invalid' })
  })
})
