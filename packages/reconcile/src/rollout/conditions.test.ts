import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { findCondition, type Rollout } from '@flotilla/model'
import { computeRolloutConditions } from './conditions.ts'
import { RolloutWorld } from './testing/rollout-world.ts'
import { approver, planSpec } from './testing/scene.ts'

const now = '2026-11-01T00:00:00Z'
const object = { metadata: { name: 'run', generation: 3 }, spec: {} } as unknown as Rollout

describe('conditions of a rollout', () => {
  for (const [phase, waitingFor, expected] of [
    ['Pending', 'its turn', 'Waiting'],
    ['Running', undefined, 'Progressing'],
    ['Running', 'stage rest', 'Progressing Waiting'],
    ['Paused', 'a person', 'Paused Waiting'],
    ['Succeeded', undefined, 'Ended Succeeded'],
    ['RolledBack', undefined, 'Ended Succeeded'],
    ['Failed', undefined, 'Ended'],
    ['Aborted', undefined, 'Ended'],
    ['RollbackFailed', undefined, 'Ended'],
  ] as const)
    test(`of one that is ${phase}${waitingFor === undefined ? '' : ` and waits for ${waitingFor}`}: ${expected}`, () => {
      const conditions = computeRolloutConditions(object, { phase, waitingFor }, now)
      const so = conditions.filter(({ status }) => status === 'True').map(({ type }) => type)
      assert.equal(so.join(' '), expected)
      assert.equal(findCondition(conditions, 'Succeeded')?.status === 'Unknown', !so.includes('Ended'))
      assert.ok(conditions.every(({ reason, observedGeneration }) => reason !== '' && observedGeneration === 3))
    })

  test('keep their time while they hold, whatever is waited for', () => {
    const before = computeRolloutConditions(object, { phase: 'Running', waitingFor: 'a' }, now)
    const said = { phase: 'Running', waitingFor: 'b' } as const
    const after = computeRolloutConditions({ ...object, status: { conditions: before } }, said, '2026-11-02T00:00:00Z')
    assert.deepEqual(
      [findCondition(after, 'Waiting')?.lastTransitionTime, findCondition(after, 'Waiting')?.message],
      [now, 'b'],
    )
  })
})

describe('what a person has to do for a rollout to go on', () => {
  test('is to approve while an approval is open, and to decide when it paused by itself', () => {
    const world = new RolloutWorld(['canary'])
    const before = [{ name: 'go', approval: {} }]
    world.start(
      'run',
      planSpec({ stages: [{ name: 'canary', before, after: [{ name: 'smoke', job: { template: {} } }] }] }),
    )
    world.steps.behaviours.set('smoke', 'fail')
    world.settle(10)
    assert.equal(world.get('run').status?.awaits, 'Approval')
    world.approve('Approved', 'sets-of-v2', approver)
    world.settle(10)
    const { status } = world.get('run')
    assert.deepEqual([status?.phase, status?.awaits], ['Paused', 'Decision'])
    assert.equal(findCondition(status?.conditions, 'Paused')?.reason, 'StepFailed')
    const smoke = status?.stages?.[0]?.steps?.find(({ name }) => name === 'smoke')
    assert.deepEqual(
      smoke?.job,
      { cluster: 'canary', namespace: 'shop', name: 'made' },
      'where its Job was stays known',
    )
  })
})
