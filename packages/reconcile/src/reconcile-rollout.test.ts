import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RolloutWorld } from './rollout/testing/rollout-world.ts'
import { planSpec } from './rollout/testing/scene.ts'

const template = { spec: { containers: [] } }

describe('reconcileRollout', () => {
  it('goes through stages one after another, with their steps, and ends when every target is well', () => {
    const world = new RolloutWorld(['canary', 'east', 'west'])
    const stages = [
      {
        name: 'first',
        targets: { clusters: { names: ['canary'] } },
        before: [{ name: 'migrate', job: { template, migration: {} } }],
      },
      {
        name: 'rest',
        maxConcurrency: 1,
        soakSeconds: 30,
        each: { after: [{ name: 'smoke', test: { job: { template } } }] },
      },
    ]
    world.start('run', planSpec({ stages }))
    world.settle(60)
    const { status } = world.get('run')
    assert.equal(status?.phase, 'Succeeded', JSON.stringify(status, undefined, 1))
    assert.deepEqual(world.violations, [])
    assert.deepEqual(world.steps.begun.length, 3)
    assert.ok([...world.deliveries.values()].every(({ spec }) => spec.desired?.digest === 'v2'))
  })
})
