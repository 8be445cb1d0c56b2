import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RolloutDetail, StepView } from '@flotilla/api'
import { releaseDetails } from '../../dev/fixture-release-rows.ts'
import { run, stage, step, target } from '../../dev/fixture-rollouts.ts'
import { contentOf, findApproval, meantApproval } from './asked-approval.ts'

const [release] = releaseDetails()
assert.ok(release)
const detail = release
const approval = (name: string, phase: StepView['phase']) => step(name, 'approval', { phase, list: 'before' })
const withSteps = (steps: StepView[], more: Partial<RolloutDetail> = {}): RolloutDetail =>
  run(detail, 'cart-1', { stages: [stage('production', { steps })], ...more })
const go = { stage: 'production', step: 'go' }
const also = { stage: 'production', step: 'also' }

describe('an approval that is asked for', () => {
  const waits = withSteps([approval('go', 'Running'), approval('also', 'Intended')])

  test('is of the step that was named', () => {
    const found = findApproval(meantApproval(waits, also), waits, detail)
    assert.equal(found.of, 'step')
    assert.deepEqual(found.step.place, also)
  })

  test('is of the first that waits where none was named, and stays that', () => {
    const meant = meantApproval(waits, undefined)
    assert.deepEqual(meant.place, go)
    const passed = withSteps([approval('go', 'Succeeded'), approval('also', 'Running')])
    assert.deepEqual(findApproval(meant, passed, detail), { of: 'over' })
  })

  for (const [what, now] of [
    ['the step was passed', withSteps([approval('go', 'Succeeded'), approval('also', 'Running')])],
    ['the run ended', withSteps([approval('go', 'Running')], { phase: 'Aborted' })],
    ['another run took its place', withSteps([approval('go', 'Running')], { name: 'cart-2' })],
    ['the run cannot be seen', undefined],
  ] as const)
    test(`is over when ${what}: nothing else is approved in its place`, () =>
      assert.deepEqual(findApproval(meantApproval(waits, go), now, detail), { of: 'over' }))

  test('is of a step that was rejected, too: it may be approved after all', () => {
    const rejected = withSteps([approval('go', 'Failed')], { phase: 'Paused' })
    assert.equal(findApproval(meantApproval(rejected, go), rejected, detail).of, 'step')
  })

  test('is of the whole release only while nothing of it is under way', () => {
    const ended = withSteps([], { phase: 'Aborted' })
    const whole = meantApproval(undefined, undefined)
    assert.deepEqual(findApproval(whole, undefined, detail), { of: 'release' })
    assert.deepEqual(findApproval(meantApproval(ended, undefined), ended, detail), { of: 'release' })
    const moves = withSteps([], { stages: [stage('wave', { targets: [target('wave', 'west', 'Applying')] })] })
    assert.deepEqual(findApproval(meantApproval(moves, undefined), moves, detail), { of: 'over' })
    // a run that begins while the dialog is open
    assert.deepEqual(findApproval(whole, waits, detail), { of: 'over' })
    // an earlier run is looked at, a later one moves
    const later = { rollouts: [{ name: 'cart-2', phase: 'Running', action: 'Release' as const }] }
    assert.deepEqual(findApproval(meantApproval(ended, undefined), ended, later), { of: 'over' })
  })
})

describe('what is approved', () => {
  const shown = { digest: 'of-the-release' }
  const writers = [{ name: 'dora', id: 'u-dora' }]
  const targets = [target('production', 'west', 'Pending')]
  const stages = [stage('production', { steps: [approval('go', 'Running')], targets })]
  const author = { name: 'omar', id: 'u-omar' }
  const contentIn = (action: RolloutDetail['action'], loaded: typeof shown | undefined) => {
    const it = run(detail, 'cart-1', { stages, action, author, digest: 'of-the-run' })
    return contentOf({ writers, authors: [] }, findApproval(meantApproval(it, go), it, detail), loaded)
  }

  test('of a release is its difference, which its writers do not approve', () => {
    assert.deepEqual(contentIn('Release', shown), { back: false, digest: shown.digest, writers, targets: undefined })
    assert.equal(contentIn('Release', undefined).digest, undefined)
  })

  test('of a rollback is what the rollback writes to its own targets, by who started it', () => {
    assert.deepEqual(contentIn('Rollback', shown), { back: true, digest: 'of-the-run', writers: [author], targets })
    // nothing is approved before it is shown
    assert.equal(contentIn('Rollback', undefined).digest, undefined)
  })
})
