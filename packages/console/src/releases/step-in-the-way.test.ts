import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { stage, step, target } from '../../dev/fixture-rollouts.ts'
import { findObstacle } from './step-in-the-way.ts'

const failed = step('load', 'test', { phase: 'Failed' })
const rejected = step('go', 'approval', { phase: 'Failed' })
const lost = step('migrate', 'job', { phase: 'Uncertain' })
const west = target('wave', 'west', 'Failed', { steps: [step('smoke', 'test', { phase: 'Failed' })] })

describe('what a paused run cannot go on past', () => {
  test('is the step that failed, was rejected, or that nobody knows the end of', () => {
    const named = (reason: string, stages: ReturnType<typeof stage>[]) => {
      const found = findObstacle({ phase: 'Paused', reason, stages })
      return [found?.reason, found?.step?.view.name]
    }
    const beside = stage('wave', { targets: [west], steps: [failed, rejected] })
    assert.deepEqual(named('StepFailed', [beside]), ['StepFailed', 'load'])
    assert.deepEqual(named('ApprovalRejected', [beside]), ['ApprovalRejected', 'go'])
    const inTarget = stage('wave', { targets: [target('wave', 'hub', 'Failed', { steps: [lost] })] })
    assert.deepEqual(named('StepUncertain', [inTarget]), ['StepUncertain', 'migrate'])
  })

  test('is nothing where targets failed, where a person paused it, or where it runs', () => {
    const stages = [stage('wave', { targets: [west], steps: [failed] })]
    assert.equal(findObstacle({ phase: 'Paused', reason: 'StageFailed', stages }), undefined)
    assert.equal(findObstacle({ phase: 'Paused', reason: 'ByHand', stages }), undefined)
    assert.equal(findObstacle({ phase: 'Running', reason: 'StepFailed', stages }), undefined)
  })
})
