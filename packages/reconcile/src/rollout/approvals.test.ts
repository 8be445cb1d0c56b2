import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { approversOf } from './approvals.ts'
import { RolloutWorld } from './testing/rollout-world.ts'
import { approver, author, planSpec } from './testing/scene.ts'

const canary = { name: 'canary', targets: { clusters: { names: ['canary'] } } }
const rest = { name: 'rest' }
const place = (cluster: string) => ({ cluster, namespace: 'shop' })

describe('who approved what a run wrote', () => {
  it('is whose approval counted, and nobody while it waits', () => {
    const world = new RolloutWorld(['canary', 'east'])
    world.start('run', planSpec({ stages: [canary, { ...rest, before: [{ name: 'go', approval: {} }] }] }))
    world.approve('Approved', 'sets-of-v2', author)
    world.approve('Approved', 'sets-of-other')
    world.settle(10)
    assert.deepEqual(approversOf(world.get('run').status, place('east')), [])
    world.approve('Approved', 'sets-of-v2', approver)
    world.settle(10)
    const { status } = world.get('run')
    assert.equal(status?.phase, 'Succeeded')
    assert.deepEqual(approversOf(status, place('east')), ['bob'])
  })

  it('is told for each target where each was approved', () => {
    const world = new RolloutWorld(['canary', 'east'])
    const each = { before: [{ name: 'go', approval: {} }] }
    world.start('run', planSpec({ stages: [canary, { ...rest, each }] }))
    world.approve('Approved', 'sets-of-v2')
    world.settle(10)
    const { status } = world.get('run')
    assert.deepEqual(approversOf(status, place('east')), ['bob'])
    assert.deepEqual(approversOf(status, place('canary')), [])
  })

  it('is nobody of a run that is not known', () => {
    assert.deepEqual(approversOf(undefined, place('east')), [])
  })
})
