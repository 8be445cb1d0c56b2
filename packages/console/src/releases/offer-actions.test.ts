import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ReleaseDetail, RolloutDetail } from '@flotilla/api'
import { releaseDetails } from '../../dev/fixture-release-rows.ts'
import { run, stage, step, target } from '../../dev/fixture-rollouts.ts'
import { offerActions, type ReleaseActionName } from './offer-actions.ts'

const [release] = releaseDetails()
assert.ok(release)
const detail = release
const runIn = (phase: RolloutDetail['phase'], more: Partial<RolloutDetail> = {}): RolloutDetail =>
  run(detail, 'cart-1', {
    phase,
    stages: [stage('wave', { targets: [target('wave', 'east', 'Succeeded'), target('wave', 'west', 'Pending')] })],
    ...more,
  })
const untouched = { stages: [stage('wave', { targets: [target('wave', 'west', 'Pending')] })] }
const approval = stage('wave', { steps: [step('go', 'approval', { phase: 'Running' })] })

const cases: readonly [string, ReleaseDetail['phase'], RolloutDetail | undefined, readonly ReleaseActionName[]][] = [
  ['a draft', 'Draft', undefined, ['reject', 'freeze']],
  ['a frozen one', 'Frozen', undefined, ['approve', 'start']],
  ['one that goes out', 'Rolling', runIn('Running'), ['rollBack', 'abort', 'pause']],
  ['one that is paused', 'Rolling', runIn('Paused'), ['resume', 'abort', 'rollBack']],
  ['one that waits', 'Rolling', runIn('Running', { stages: [approval] }), ['rollBack', 'abort', 'pause', 'approve']],
  ['one whose run was aborted half-way', 'Rolling', runIn('Aborted'), ['start', 'rollBack']],
  ['one whose run failed half-way', 'Rolling', runIn('Failed'), ['start', 'rollBack']],
  ['one whose run ended before it began', 'Rolling', runIn('Failed', untouched), ['start']],
  ['one whose rollback failed', 'Rolling', runIn('RollbackFailed', { action: 'Rollback' }), ['start']],
  ['one whose run is not read yet', 'Rolling', undefined, ['pause']],
  ['an active one', 'Active', runIn('Succeeded'), ['rollBack']],
  ['a rejected one', 'Rejected', undefined, []],
]

describe('the head of a release', () => {
  for (const [what, phase, shown, expected] of cases)
    test(`offers of ${what}: ${expected.join(', ') || 'nothing'}`, () =>
      assert.deepEqual(
        offerActions({ phase, rollouts: shown === undefined ? [] : [shown], targetList: [] }, shown),
        expected,
      ))

  test('offers the way back of a second run also where only the first one has brought it', () => {
    const west = { ...target('wave', 'west', 'Pending'), added: 0, changed: 1, removed: 0 }
    const targetList = [{ ...west, running: west.digest }]
    const shown = runIn('Failed', untouched)
    assert.deepEqual(offerActions({ phase: 'Rolling', rollouts: [shown], targetList }, shown), ['start', 'rollBack'])
    const same = runIn('Failed', { stages: [stage('wave', { targets: [{ ...west, before: west.digest }] })] })
    assert.deepEqual(offerActions({ phase: 'Rolling', rollouts: [same], targetList }, same), ['start'])
  })

  test('offers no start beside an ended run while a later one goes on', () => {
    const rollouts = [runIn('Running', { name: 'cart-2' }), runIn('Aborted')]
    assert.deepEqual(offerActions({ phase: 'Rolling', rollouts, targetList: [] }, runIn('Aborted')), ['pause'])
  })
})
