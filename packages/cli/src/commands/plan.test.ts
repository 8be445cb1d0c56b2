import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { buildProgram } from '../program.ts'
import { type FakeServer, startFakeServer } from '../testing/fake-server.ts'
import { testIo } from '../testing/test-io.ts'

const template = { spec: { containers: [] } }
const plan = {
  apiVersion: 'flotilla.dev/v1alpha1',
  kind: 'Plan',
  metadata: { name: 'staged', namespace: 'pj-shop' },
  spec: {
    description: 'Staging first\u001b[2J',
    timeZone: 'Europe/Berlin',
    windows: [{ days: ['Mon', 'Tue'], from: '22:00', to: '04:00' }],
    freezes: [{ from: '2026-12-20T00:00:00Z', to: '2027-01-02T00:00:00Z', reason: 'Christmas' }],
    stages: [
      {
        name: 'staging',
        targets: { environments: ['staging'] },
        before: [
          { name: 'migrate', job: { template, imagesOf: 'web', migration: { database: 'orders', reversible: false } } },
        ],
        each: { after: [{ name: 'smoke', test: { helm: { component: 'web' } }, during: ['Release', 'Rollback'] }] },
        after: [{ name: 'breathe', wait: { seconds: 5400 } }],
        soakSeconds: 600,
      },
      {
        name: 'rest',
        before: [
          { name: 'go', approval: { count: 2, roles: ['operator'] } },
          {
            name: 'errors',
            analysis: { prometheus: { url: 'https://prom.example', query: 'rate(errors[5m])' }, max: 0.1 },
          },
          { name: 'tell', webhook: { url: 'https://chat.example/hook' }, timeoutSeconds: 60 },
        ],
        onFailure: 'RollbackStage',
        offline: 'Defer',
        maxFailures: 1,
      },
    ],
  },
}

describe('flotilla plan (a stand-in for the server)', () => {
  let server: FakeServer
  before(async () => void (server = await startFakeServer()))
  after(() => server.close())
  beforeEach(() => {
    server.asked.length = 0
    server.answers = { 'GET /kinds/Plan/staged': plan }
  })
  const run = async (...words: string[]) => {
    const io = testIo({ env: server.env })
    await buildProgram(io, 'test').parseAsync(['node', 'flotilla', 'plan', ...words])
    return io.said
  }

  test('show says stages and steps in the order in which they go', async () => {
    const { out } = await run('show', 'shop/staged')
    assert.deepEqual(out.split('\n'), [
      'shop/staged  Staging first\\x1b[2J',
      'Targets begin only Mon, Tue from 22:00 to 04:00 of the next day, Europe/Berlin',
      'No target begins from 2026-12-20T00:00:00Z to 2027-01-02T00:00:00Z: Christmas',
      'When another rollout has a target in hand: it waits',
      '',
      '1. staging  environment staging, 5 at a time',
      '   once, first  migrate: a migration with the images of web, once for database orders, cannot be taken back; at most 30m',
      '   in each      apply, and wait until it is healthy',
      '   in each      smoke: the Helm tests of web, also of a rollback; at most 30m',
      '   in each      stays healthy for 10m',
      '   once, last   breathe: waits 1h30m',
      '   Failure: pauses. Offline: waits for the cluster. Deadline: 1d',
      '',
      '2. rest  all targets that are left, 5 at a time',
      '   once, first  go: approval by 2 of: role operator, not the author; counts for 7d',
      '   once, first  errors: measures rate(errors[5m]), at most 0.1, 3 times every 10s; at most 30m',
      '   once, first  tell: calls https://chat.example/hook; at most 1m',
      '   in each      apply, and wait until it is healthy',
      '   Failure: takes the stage back after more than 1 failed. Offline: goes on without it and does it when the cluster is back. Deadline: 1d',
      '',
    ])
    assert.deepEqual(server.asked[0]?.query, { project: 'shop' })
  })

  test('show gives the document to who asks for it', async () => {
    assert.deepEqual(JSON.parse((await run('show', 'staged', '-n', 'shop', '-o', 'json')).out), plan)
  })

  test('list shows the stages', async () => {
    const stage = {
      where: '',
      steps: [{ name: 'x', type: 'job', at: 'before' }],
      maxConcurrency: 5,
      soakSeconds: 0,
      onFailure: 'Pause',
    }
    const row = { project: 'shop', name: 'staged', createdAt: '2025-12-31T23:00:00Z' }
    const stages = [
      { ...stage, name: 'staging' },
      { ...stage, name: 'rest' },
    ]
    server.answers['GET /plans'] = { items: [{ ...row, stages }], total: 1 }
    assert.match((await run('list')).out, /shop\/staged +staging > rest +2 +- +60m/)
  })

  test('check says which targets each stage takes, and ends with 3 when it would be refused', async () => {
    const east = { cluster: 'east', namespace: 'shop' }
    const answer = { findings: [], stages: [{ name: 'rest', targets: [east] }], left: [{ ...east, cluster: 'west' }] }
    server.answers['POST /projects/shop/plans/staged/check'] = answer
    const { out } = await run('check', 'shop/staged', '--release', 'shop/web-3')
    assert.deepEqual(server.asked[0]?.body, { release: 'web-3' })
    assert.match(out, /rest +1 +east\/shop\n\(no stage\) +1 +west\/shop\nIt would begin/)
    const finding = {
      severity: 'Error',
      code: 'plan.empty',
      message: 'selects nothing',
      field: 'spec.stages[0].targets',
    }
    server.answers['POST /projects/shop/plans/staged/check'] = { ...answer, findings: [finding] }
    await assert.rejects(run('check', 'shop/staged', '--release', 'web-3'), { name: 'NotAsWanted' })
    await assert.rejects(run('check', 'shop/staged', '--release', 'other/web-3'), { name: 'UsageError' })
  })

  test('check asks nothing of the server without a release, which it would refuse', async () => {
    await assert.rejects(run('check', 'shop/staged'), { code: 'commander.missingMandatoryOptionValue' })
    assert.deepEqual(server.asked, [])
  })
})
