import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planTargets } from './plan-targets.ts'
import { RolloutWorld } from './testing/rollout-world.ts'
import { planSpec, rolloutOf, start } from './testing/scene.ts'
import { all } from './testing/story.ts'
import type { RolloutOpening } from './types.ts'

const plan = planSpec({ stages: all() })

/** What stands before a run that has not begun, after another went out. */
function openingAfter(run: string): RolloutOpening {
  const world = new RolloutWorld(['a'])
  world.start('run', plan)
  world.settle(10)
  world.start(run, plan, 'v2', { rollback: { of: 'run' } })
  const { opening } = world.observe(run)
  assert.ok(opening.known)
  return opening.value
}

describe('planTargets: what belongs together', () => {
  const opening = openingAfter('back')
  const planned = (rest: Parameters<typeof rolloutOf>[2]) => {
    const found = planTargets(rolloutOf('next', start, rest), opening, start)
    return found.state === 'refused' ? found.findings.map(({ code, field }) => [code, field]) : found.state
  }

  it('is a release and a run of one application', () => {
    assert.equal(planned({}), 'ready')
    assert.deepEqual(planned({ application: 'other' }), [['rollout.other_application', 'spec.release']])
  })

  it('is a rollback and what it takes back, of one application and one release', () => {
    const rollback = { of: 'run' }
    assert.equal(planned({ rollback }), 'ready')
    assert.deepEqual(planned({ rollback, application: 'other' }), [['rollout.other_application', 'spec.rollback.of']])
    assert.deepEqual(planned({ rollback, release: 'v1' }), [['rollout.other_release', 'spec.release']])
  })
})
