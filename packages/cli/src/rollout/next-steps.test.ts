import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { uncertainHookText } from '@flotilla/model/uncertain-hook'
import { rolloutDetail, stageView, stepView, targetView } from '../testing/release-fixtures.ts'
import { judgeRollout } from './judge-rollout.ts'
import { nextSteps } from './next-steps.ts'

const commands = (lines: readonly string[]) => lines.map((line) => /flotilla .*$/.exec(line)?.[0])

describe('what a person can do', () => {
  test('is nothing while it runs by itself', () => assert.deepEqual(nextSteps(rolloutDetail()), []))

  test('is the approval that it waits for', () => {
    const go = stepView({ name: 'go', type: 'approval', list: 'before', phase: 'Running' })
    const detail = rolloutDetail({ stages: [stageView({ name: 'rest', steps: [go] })] })
    assert.deepEqual(commands(nextSteps(detail)), [
      'flotilla approve shop/web-3 --rollout web-3-1 --stage rest --step go',
    ])
  })

  test('is to say how a step ended that nobody knows, after a look at its log', () => {
    const step = stepView({ name: 'migrate', phase: 'Uncertain', hasLog: true })
    const targets = [targetView({ cluster: 'west', steps: [step] })]
    const detail = rolloutDetail({ phase: 'Paused', stages: [stageView({ name: 'canary', targets })] })
    const [log, resolve] = commands(nextSteps(detail))
    assert.equal(log, 'flotilla rollout logs shop/web-3-1 --stage canary --step migrate --target west/shop')
    assert.match(
      resolve ?? '',
      /^flotilla rollout resolve shop\/web-3-1 --stage canary --step migrate --target west\/shop/,
    )
  })

  test('prefills no end of what nobody knows the end of, of a step or a hook', () => {
    const uncertain = stepView({ name: 'migrate', phase: 'Uncertain' })
    const message = `hook upgrade (pre-upgrade of web) ${uncertainHookText}: its Job was deleted`
    const targets = [
      targetView({ cluster: 'west', steps: [uncertain] }),
      targetView({ cluster: 'east', phase: 'Failed', message }),
    ]
    const detail = rolloutDetail({
      phase: 'Paused',
      reason: 'StepUncertain',
      stages: [stageView({ name: 'canary', targets })],
    })
    assert.deepEqual(commands(nextSteps(detail)).slice(0, -1), [
      'flotilla rollout resolve shop/web-3-1 --stage canary --step migrate --target west/shop --outcome Succeeded|Failed --reason "..."',
      'flotilla rollout resolve shop/web-3-1 --target east/shop --hook upgrade --outcome Succeeded|Failed --reason "..."',
    ])
  })

  test('is to retry, go on or go back after a failure; of a person only to go on', () => {
    const targets = [targetView({ cluster: 'west', phase: 'Failed' })]
    const failed = rolloutDetail({ phase: 'Paused', stages: [stageView({ name: 'canary', targets })] })
    assert.deepEqual(commands(nextSteps(failed)), [
      'flotilla rollout retry shop/web-3-1 --target west/shop',
      'flotilla rollout resume shop/web-3-1',
      'flotilla rollout rollback shop/web-3-1 --reason "..."',
    ])
    const paused = { ...failed, paused: { by: { name: 'ana', id: '1' } } }
    assert.deepEqual(commands(nextSteps(paused)), ['flotilla rollout resume shop/web-3-1'])
  })

  test('is to approve after all what was rejected, then to retry it', () => {
    const go = stepView({ name: 'go', type: 'approval', list: 'before', phase: 'Failed' })
    const stages = [stageView({ name: 'rest', steps: [go] })]
    assert.deepEqual(commands(nextSteps(rolloutDetail({ phase: 'Paused', reason: 'ApprovalRejected', stages }))), [
      'flotilla approve shop/web-3 --rollout web-3-1 --stage rest --step go',
      'flotilla rollout retry shop/web-3-1 --stage rest',
      'flotilla rollout rollback shop/web-3-1 --reason "..."',
    ])
  })

  for (const reason of ['StepFailed', 'StepUncertain', 'ApprovalRejected'])
    test(`is not to resume where that is refused: ${reason}`, () => {
      const go = stepView({ name: 'migrate', list: 'before', phase: 'Failed' })
      const detail = rolloutDetail({ phase: 'Paused', reason, stages: [stageView({ name: 'rest', steps: [go] })] })
      assert.deepEqual(commands(nextSteps(detail)), [
        'flotilla rollout retry shop/web-3-1 --stage rest',
        'flotilla rollout rollback shop/web-3-1 --reason "..."',
      ])
    })

  const ended = (phase: 'Failed' | 'Aborted', target: 'Succeeded' | 'Skipped' | 'Pending' | 'RolledBack') => {
    const steps = [stepView({ name: 'smoke', phase: 'Failed', hasLog: true })]
    const targets = [targetView({ cluster: 'west', phase: target, steps })]
    return rolloutDetail({ phase, stages: [stageView({ name: 'canary', targets })] })
  }
  test('is to take back what a run changed that ended before it was done', () => {
    for (const detail of [ended('Failed', 'Succeeded'), ended('Aborted', 'Skipped')])
      assert.deepEqual(commands(nextSteps(detail)), [
        'flotilla rollout logs shop/web-3-1 --stage canary --step smoke --target west/shop',
        'flotilla rollout rollback shop/web-3-1 --reason "..."',
      ])
  })

  test('is no way back where it changed nothing, or that went back already', () => {
    const { startedAt: _startedAt, ...refused } = ended('Failed', 'Succeeded')
    const back = rolloutDetail({ ...ended('Aborted', 'Succeeded'), action: 'Rollback' })
    for (const detail of [ended('Failed', 'RolledBack'), ended('Aborted', 'Pending'), back, refused])
      assert.ok(!nextSteps(detail).some((line) => line.includes('rollback')))
  })

  test('stays a short list', () => {
    const targets = Array.from({ length: 50 }, (_, at) => targetView({ cluster: `c${at}`, phase: 'Failed' }))
    const detail = rolloutDetail({ phase: 'Paused', stages: [stageView({ name: 'canary', targets })] })
    assert.ok(nextSteps(detail).length <= 8)
    assert.ok(nextSteps(detail).some((line) => line.includes('rollback')))
  })
})

describe('how a rollout stands', () => {
  const by = { by: { name: 'ana', id: '1' } }
  for (const [given, verdict] of [
    [{ phase: 'Succeeded' }, 'good'],
    [{ phase: 'RolledBack', action: 'Rollback' }, 'good'],
    [{ phase: 'RolledBack', action: 'Release' }, 'bad'],
    [{ phase: 'RollbackFailed', action: 'Rollback' }, 'bad'],
    [{ phase: 'Failed' }, 'bad'],
    [{ phase: 'Aborted' }, 'bad'],
    [{ phase: 'Paused' }, 'stopped'],
    [{ phase: 'Paused', paused: by }, 'on'],
    [{ phase: 'Pending' }, 'on'],
  ] as const)
    test(`${JSON.stringify(given)} is ${verdict}`, () => assert.equal(judgeRollout(rolloutDetail(given)), verdict))
})
