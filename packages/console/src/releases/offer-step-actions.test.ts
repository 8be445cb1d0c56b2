import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { StepView } from '@flotilla/api'
import { offerStepActions, offerTargetActions, type StepActionName } from './offer-step-actions.ts'

const ofStage = {}
const ofTarget = { target: { cluster: 'west', namespace: 'shop' } }

const cases: readonly [string, typeof ofStage, StepView['type'], StepView['phase'], readonly StepActionName[]][] = [
  ['a test of a stage that failed', ofStage, 'test', 'Failed', ['retry', 'skip']],
  ['a test of a target that failed', ofTarget, 'test', 'Failed', ['skip']],
  ['a job that nobody knows the end of', ofStage, 'job', 'Uncertain', ['resolve']],
  ['a job that runs', ofStage, 'job', 'Running', []],
  ['an approval that waits', ofStage, 'approval', 'Running', ['approve']],
  ['an approval of a target that waits', ofTarget, 'approval', 'Intended', ['approve']],
  ['an approval that was rejected', ofStage, 'approval', 'Failed', ['approve', 'retry']],
  ['an approval of a target that was rejected', ofTarget, 'approval', 'Failed', ['approve']],
  ['an approval that was given', ofStage, 'approval', 'Succeeded', []],
]

describe('what is offered of a step', () => {
  for (const [what, place, type, phase, expected] of cases)
    test(`${what}: ${expected.join(', ') || 'nothing'}`, () =>
      assert.deepEqual(offerStepActions(place, { type, phase }), expected))
})

describe('what is offered of a target', () => {
  test('that failed or was deferred', () => {
    assert.deepEqual(offerTargetActions({ phase: 'Failed' }), ['retry', 'skip'])
    assert.deepEqual(offerTargetActions({ phase: 'RollbackFailed' }), ['retry', 'skip'])
    assert.deepEqual(offerTargetActions({ phase: 'Deferred' }), ['skip'])
    assert.deepEqual(offerTargetActions({ phase: 'Applying' }), [])
  })

  test('that stopped at a hook that nobody knows the end of: to say how it ended', () => {
    const message = 'hook migrate (pre-upgrade of shop) ended and nobody knows how: the node was lost'
    assert.deepEqual(offerTargetActions({ phase: 'Failed', message }), ['resolve', 'retry', 'skip'])
  })
})
