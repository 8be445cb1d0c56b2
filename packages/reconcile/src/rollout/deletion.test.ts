import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { RolloutWorld } from './testing/rollout-world.ts'
import { planSpec } from './testing/scene.ts'

const template = { spec: { containers: [] } }
const job = (more: object = {}) => ({ name: 'work', timeoutSeconds: 60, job: { template, ...more } })

/** A run that is deleted while its step is at work. */
function deleteWhileItRuns(step: object): RolloutWorld {
  const world = new RolloutWorld(['canary'])
  world.start('run', planSpec({ stages: [{ name: 'canary', before: [step as never] }] }))
  world.steps.behaviours.set('work', 'hang')
  for (let turn = 0; turn < 3; turn++) {
    world.settle(1)
    world.tick()
  }
  const run = world.get('run')
  assert.equal(run.status?.stages?.[0]?.steps?.[0]?.phase, 'Running')
  world.rollouts.set('run', { ...run, metadata: { ...run.metadata, deletionTimestamp: world.time } })
  return world
}
/** The API server lets it go then. */
const isFree = (world: RolloutWorld) => world.get('run').metadata.finalizers?.length === 0
const states = ({ steps }: RolloutWorld) => [...steps.runs.values()].map(({ state }) => state)

describe('a rollout that is deleted while a Job of it runs', () => {
  test('stays until the Job has ended, lets go of it, begins nothing more, and goes', () => {
    const world = deleteWhileItRuns(job())
    world.settle(3)
    assert.match(world.get('run').status?.waitingFor ?? '', /what runs to end/)
    world.steps.behaviours.set('work', 'ok')
    world.settle(10)
    assert.equal(isFree(world), true)
    assert.deepEqual([states(world), world.steps.begun.length, world.steps.violations], [['succeeded'], 1, []])
  })

  test('stops one that takes longer than it may', () => {
    const world = deleteWhileItRuns(job())
    world.settle(30)
    assert.equal(isFree(world), true)
    assert.deepEqual([states(world), world.steps.violations], [['gone'], []])
  })

  test('leaves a migration that nobody can tell of as uncertain, and does not wait for a person', () => {
    const world = deleteWhileItRuns(job({ migration: { database: 'orders' } }))
    world.steps.behaviours.set('work', 'uncertain')
    world.settle(10)
    assert.equal(isFree(world), true)
    assert.deepEqual([states(world), world.steps.violations], [['uncertain'], []])
  })
})
