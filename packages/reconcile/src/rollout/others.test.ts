import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Rollout } from '@flotilla/model'
import { RolloutWorld } from './testing/rollout-world.ts'
import { planSpec } from './testing/scene.ts'

const canary = { name: 'canary', targets: { clusters: { names: ['canary'] } } }
const rest = { name: 'rest' }
const go = { name: 'go', approval: {} }
const pause = { name: 'pause', wait: { seconds: 10_000 } }

const phasesOf = ({ status }: Rollout): Record<string, string> =>
  Object.fromEntries((status?.targets ?? []).map(({ cluster, phase }) => [cluster, phase]))

describe('a rollout that is replaced', () => {
  const waiting: [string, Parameters<typeof planSpec>[0]['stages']][] = [
    ['an approval before a stage', [canary, { ...rest, before: [go] }]],
    ['an approval after a stage', [{ ...canary, after: [go] }, rest]],
    ['an approval in each target', [canary, { ...rest, each: { before: [go] } }]],
    ['a wait before a stage', [canary, { ...rest, before: [pause] }]],
  ]
  for (const [what, stages] of waiting)
    it(`gives its targets up while it waits at ${what}, and goes back`, () => {
      const world = new RolloutWorld(['canary', 'east', 'west'])
      const plan = planSpec({ stages })
      world.start('run', plan)
      world.settle(20)
      assert.equal(world.get('run').status?.phase, 'Running')
      assert.equal(world.deliveries.get('canary/shop')?.spec.desired?.digest, 'v2')

      world.start('back', plan, 'v2', { rollback: { of: 'run' }, reason: 'Orders are lost' })
      world.settle(20)
      const { status } = world.get('run')
      assert.deepEqual([status?.phase, status?.reason], ['Aborted', 'Replaced'], JSON.stringify(status, undefined, 1))
      assert.equal(world.get('back').status?.phase, 'RolledBack')
      assert.ok([...world.deliveries.values()].every(({ spec }) => spec.desired?.digest === 'v1'))
      assert.match(world.hold ?? '', /back takes back the release v2: Orders are lost$/)
      assert.deepEqual(world.violations, [])
    })

  it('keeps its approval open while it has other targets in the stage', () => {
    const world = new RolloutWorld(['canary', 'east', 'west'])
    const plan = planSpec({ stages: [canary, { ...rest, before: [go] }] })
    world.start('run', plan)
    world.settle(20)
    const east = [{ cluster: 'east', namespace: 'shop' }]
    world.start('other', planSpec({ stages: [rest], whenBusy: 'Replace' }), 'v2', { targets: east })
    world.settle(20)
    assert.deepEqual(phasesOf(world.get('run')), { canary: 'Succeeded', east: 'Skipped', west: 'Pending' })
    assert.equal(world.get('other').status?.phase, 'Succeeded')
    world.approve('Approved', 'sets-of-v2')
    world.settle(20)
    assert.equal(world.deliveries.get('west/shop')?.spec.desired?.digest, 'v2')
    assert.deepEqual(world.violations, [])
  })
})
