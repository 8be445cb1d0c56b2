import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Plan, PlanSpec, type Rollout, type RolloutDocument } from '@flotilla/model'
import { planRow } from './plan-view.ts'
import { rolloutDetail, type RolloutParts } from './rollout-view.ts'

const spec = PlanSpec.parse({
  stages: [
    {
      name: 'all',
      before: [
        { name: 'drop-column', job: { template: { spec: {} }, migration: { reversible: false } } },
        { name: 'add-column', job: { template: { spec: {} }, migration: {} } },
        { name: 'seed', job: { template: { spec: {} } } },
      ],
    },
  ],
})
const worker = [{ name: 'worker', digest: 'same' }]
const document = {
  plan: spec,
  action: 'Release',
  authors: [],
  migrations: [
    { component: 'web', name: 'drop-table', reversible: false },
    { component: 'worker', name: 'drop-queue', reversible: false },
  ],
  targets: ['east', 'west'].map((cluster) => ({
    cluster,
    namespace: 'shop',
    // the worker is as before, and so is all of it in the west
    before: { components: [...worker, { name: 'web', digest: cluster === 'east' ? 'w1' : 'w2' }] },
    want: { components: [...worker, { name: 'web', digest: 'w2' }] },
  })),
} as unknown as RolloutDocument

const detail = (status: object) =>
  rolloutDetail({
    state: { users: { list: () => [] }, workspaces: { list: () => [] } } as unknown as RolloutParts['state'],
    rollout: {
      metadata: { name: 'web-1-1', namespace: 'pj-shop' },
      spec: {
        application: 'web',
        release: 'web-1',
        plan: 'all',
        author: 'x',
        control: { retries: [], skips: [], resolutions: [] },
      },
      status: { stages: [{ name: 'all', phase: 'Before', since: '' }], ...status },
    } as unknown as Rollout,
    document,
    approvals: [],
    sights: [],
    weighing: { rules: [], digest: undefined, authors: [] },
    now: '2026-01-01T00:00:00Z',
  })

test('a plan says of its migrations which cannot be taken back, before anything is started', () => {
  const plan = { metadata: { name: 'all', namespace: 'pj-shop' }, spec } as unknown as Plan
  assert.deepEqual(
    planRow(plan).stages[0]?.steps.map(({ name, reversible }) => [name, reversible]),
    [
      ['drop-column', false],
      ['add-column', true],
      ['seed', undefined],
    ],
  )
})

test('a run names what a rollback of it has to be forced past, and only what may have run', () => {
  assert.deepEqual(detail({}).irreversible, [])
  const steps = [{ name: 'drop-column', phase: 'Running' }]
  const begun = detail({ stages: [{ name: 'all', phase: 'Before', since: '', steps }] })
  assert.deepEqual(begun.irreversible, ['drop-column'])
  assert.deepEqual(
    begun.stages[0]?.steps.map(({ name, migration, reversible }) => [name, migration, reversible]),
    [
      ['drop-column', true, false],
      ['add-column', true, true],
      ['seed', false, undefined],
    ],
  )
  const past = (record: object) =>
    detail({
      stages: [
        { name: 'all', phase: 'Targets', since: '', steps: [{ name: 'drop-column', phase: 'Skipped', ...record }] },
      ],
    }).irreversible
  assert.deepEqual(past({}), [], 'it never began')
  assert.deepEqual(past({ ran: true }), ['drop-column'])
  assert.deepEqual(past({ job: { cluster: 'east', namespace: 'shop', name: 'x' } }), ['drop-column'])
  assert.deepEqual(past({ phase: 'Succeeded' }), ['drop-column'])
  assert.deepEqual(past({ phase: 'Succeeded', ranBefore: true }), [], 'it ran for a release before')
  assert.deepEqual(past({ phase: 'Succeeded', ranBefore: true, ran: true }), ['drop-column'])
  const writing = (cluster: string) =>
    detail({ targets: [{ cluster, namespace: 'shop', stage: 'all', phase: 'Applying', writtenAt: 'now' }] })
      .irreversible
  assert.deepEqual(writing('east'), ['drop-table'], 'the worker is as before: its hook did not run')
  assert.deepEqual(writing('west'), [])
})
