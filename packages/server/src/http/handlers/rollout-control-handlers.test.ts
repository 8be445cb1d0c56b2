import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { apiVersion, type KubeObject, PlanSpec, Rollout, type RolloutDocument } from '@flotilla/model'
import type { Caller, Exchange, Services } from '../handler.ts'
import { memoryState } from '../testing/memory-state.ts'
import { rolloutControlHandlers } from './rollout-control-handlers.ts'

const since = '2026-11-22T00:00:00Z'
const target = { cluster: 'east', namespace: 'shop' }
const plan = PlanSpec.parse({
  stages: [
    {
      name: 'all',
      before: [{ name: 'go', approval: { users: ['ana'] } }],
      each: { before: [{ name: 'each', approval: {} }], after: [{ name: 'smoke', wait: { seconds: 5 } }] },
      after: [{ name: 'later', wait: { seconds: 5 } }],
    },
  ],
})
const step = (name: string, phase: string) => ({ name, phase, attempt: 0, since })

describe('what people ask of a rollout (a stand-in for the host)', () => {
  const state = memoryState()
  const written: Rollout['spec'][] = []
  const handlers = rolloutControlHandlers({
    deps: { state, rolloutDocuments: { get: async () => ({ plan }) as RolloutDocument } },
  } as unknown as Services)
  const params = { project: 'shop', rollout: 'run' }
  const run = (status: object) => {
    const rollout = Rollout.parse({
      apiVersion,
      kind: 'Rollout',
      metadata: { name: 'run', namespace: 'pj-shop', uid: 'r' },
      spec: { application: 'web', release: 'web-1', plan: 'all', author: 'flotilla:user:dora' },
      status: {
        phase: 'Paused',
        snapshot: { at: since, document: 'd', release: 'sets' },
        stages: [{ name: 'all', phase: 'Before', since }],
        targets: [
          {
            ...target,
            delivery: 'web.east',
            stage: 'all',
            digest: 'd',
            phase: 'PreHooks',
            since,
            steps: [step('each', 'Running'), step('smoke', 'Running')],
          },
        ],
        ...status,
      },
    })
    state.rollouts.put(rollout)
    const host = {
      get: async () => rollout,
      update: async (object: KubeObject) => {
        written.push(Rollout.parse(object).spec)
        return object
      },
    }
    const caller = { identity: { user: 'flotilla:user:dora', groups: [] }, host } as unknown as Caller
    return { params, caller, exchange: { signal: new AbortController().signal } as Exchange, query: undefined }
  }
  beforeEach(() => void (written.length = 0))
  const steps = (...all: ReturnType<typeof step>[]) => ({
    stages: [{ name: 'all', phase: 'Before', since, steps: all }],
  })

  for (const [what, given, named] of [
    ['waits', steps(step('go', 'Running')), { stage: 'all', step: 'go' }],
    ['was rejected', steps(step('go', 'Failed')), { stage: 'all', step: 'go' }],
    ['is that of a target', {}, { ...target, step: 'each' }],
  ] as const)
    test(`an approval that ${what} is not skipped`, async () => {
      const asked = { ...run(given), body: { ...named, reason: 'in a hurry' } }
      await assert.rejects(async () => handlers['rollouts.skip'](asked), { code: 'request.conflict', field: 'step' })
      assert.deepEqual(written, [])
    })

  for (const [reason, phase] of [
    ['StepFailed', 'Failed'],
    ['ApprovalRejected', 'Failed'],
    ['StepUncertain', 'Uncertain'],
  ] as const)
    test(`to resume past a step is refused, with its name: ${reason}`, async () => {
      const asked = { ...run({ reason, ...steps(step('done', 'Succeeded'), step('go', phase)) }), body: {} }
      await assert.rejects(async () => handlers['rollouts.resume'](asked), {
        code: 'request.conflict',
        message: /The step go stands in the way/,
      })
      assert.deepEqual(written, [])
    })

  for (const reason of ['StageFailed', 'StageDeadline'])
    test(`what paused for another reason goes on: ${reason}`, async () => {
      await handlers['rollouts.resume']({ ...run({ reason }), body: {} })
      assert.deepEqual(
        written.map(({ control }) => control.resumed),
        [1],
      )
    })

  test('another step is, and so is a target', async () => {
    await handlers['rollouts.skip']({
      ...run(steps(step('later', 'Running'))),
      body: { stage: 'all', step: 'later', reason: 'x' },
    })
    await handlers['rollouts.skip']({ ...run({}), body: { ...target, step: 'smoke', reason: 'x' } })
    await handlers['rollouts.skip']({ ...run({}), body: { ...target, reason: 'x' } })
    assert.deepEqual(
      written.map(({ control }) => control.skips.map(({ id: _id, by: _by, reason: _reason, ...rest }) => rest)),
      [[{ step: { stage: 'all', step: 'later' } }], [{ step: { stage: 'all', target, step: 'smoke' } }], [{ target }]],
    )
  })
})
