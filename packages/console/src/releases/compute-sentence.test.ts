import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ReleaseDetail, RolloutDetail } from '@flotilla/api'
import { firstRun } from '../../dev/fixture-rollouts.ts'
import { releaseDetails } from '../../dev/fixture-release-rows.ts'
import { en } from '../i18n/en.ts'
import { createFormat } from '../i18n/format.ts'
import { computeSentence, currentStage } from './compute-sentence.ts'

const text = { t: en, f: createFormat('en', 'utc') }

function known(name: string): { detail: ReleaseDetail; run: RolloutDetail | undefined } {
  const detail = releaseDetails().find((one) => one.name === name)
  assert.ok(detail)
  return { detail, run: firstRun(detail) }
}
function said(
  name: string,
  more: Partial<ReleaseDetail> = {},
  of: Partial<RolloutDetail> = {},
): [string, string, string] {
  const { detail, run } = known(name)
  const sentence = computeSentence({ ...detail, ...more }, run === undefined ? undefined : { ...run, ...of }, text)
  return [sentence.look, sentence.headline, sentence.detail]
}

describe('the sentence of a release', () => {
  test('says of a draft that nothing goes out, of a faulty one why', () => {
    assert.deepEqual(said('cart-43'), ['unknown', 'Draft', 'nothing can go out until it is frozen.'])
    assert.deepEqual(said('cart-43', { freezing: true, waitingFor: 'rendered 40 of 100 targets' }), [
      'progressing',
      'Being frozen',
      'rendered 40 of 100 targets',
    ])
    const fault = { severity: 'Error', code: 'render.failed', message: 'web does not render' } as const
    assert.deepEqual(said('cart-43', { findingList: [fault] }), [
      'failed',
      'It cannot be frozen as it is',
      'web does not render',
    ])
  })

  test('names the stage in which a run paused by itself, and who paused it otherwise', () => {
    assert.deepEqual(said('cart-42'), ['failed', 'Paused in wave-1', 'smoke failed in west · 3 of 28 targets done'])
    const by = { by: { name: 'ada', id: 'u' }, reason: 'lunch' }
    assert.deepEqual(said('cart-42', {}, { paused: by, reason: undefined }), [
      'suspended',
      'Paused by ada',
      'lunch · 3 of 28 targets done',
    ])
  })

  test('says that an approval is waited for', () => {
    assert.deepEqual(said('search-7'), [
      'suspended',
      'Waiting for approval in production',
      'go-ahead 0 of 1 approved · 1 of 3 targets done',
    ])
  })

  test('says of a frozen one what it changes, and how its last run ended', () => {
    assert.deepEqual(said('search-8'), ['suspended', 'Ready to go out', 'it changes 9 objects in 3 targets.'])
    const aborted = { by: { name: 'ada', id: 'u' }, reason: 'wrong plan' }
    assert.deepEqual(said('cart-42', { phase: 'Frozen' }, { phase: 'Aborted', aborted }), [
      'failed',
      'The rollout was aborted',
      'ada: wrong plan',
    ])
  })

  test('says of a rollback that it goes back, and of one that failed that it did', () => {
    const back = { action: 'Rollback', phase: 'Running', waitingFor: 'hub' } as const
    assert.deepEqual(said('cart-42', {}, back), ['progressing', 'Rolling back in wave-1', 'hub · 3 of 28 targets done'])
    assert.equal(
      said('cart-42', { phase: 'Active' }, { action: 'Rollback', phase: 'RollbackFailed' })[1],
      'The rollback failed',
    )
  })

  test('says what became of those that are over', () => {
    assert.deepEqual(said('cart-41'), ['healthy', 'Active', 'it is what 5 targets run.'])
    const message = 'it was taken back in east/shop, and 4 targets have it'
    assert.deepEqual(said('cart-41', { message }), ['healthy', 'Active', 'it is what 5 targets run.'])
    assert.deepEqual(said('cart-41', { message }, { action: 'Rollback', phase: 'RolledBack' }), [
      'healthy',
      'Active',
      message,
    ])
    assert.deepEqual(said('search-5'), ['failed', 'Rejected by omar', 'The index has to be built first'])
    assert.equal(said('search-6')[1], 'Rolled back')
  })
})

describe('the stage in which a run is', () => {
  const stageOf = (phases: readonly RolloutDetail['stages'][number]['phase'][]): string => {
    const [shape] = known('cart-42').run?.stages ?? []
    assert.ok(shape)
    return currentStage({
      stages: phases.map((phase, index) => Object.assign({}, shape, { name: String(index), phase })),
    })
  }
  test('is the last that moves or failed, else the one that comes next', () => {
    assert.equal(stageOf(['Succeeded', 'Failed', 'Targets', 'Pending']), '2')
    assert.equal(stageOf(['Succeeded', 'Failed', 'Pending']), '1')
    assert.equal(stageOf(['Succeeded', 'Pending']), '1')
    assert.equal(stageOf(['Pending', 'Pending']), '')
    assert.equal(stageOf(['Succeeded', 'Succeeded']), '')
  })
})
