import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RolloutWorld } from './rollout/testing/rollout-world.ts'
import { deliveryOf, planSpec } from './rollout/testing/scene.ts'
import { all, at, digests, end, holds, job, migration, phases, runs, statusOf } from './rollout/testing/story.ts'

/** Clusters in which the application runs, but for those in `fresh`. */
function fleet(clusters: string, fresh = ''): RolloutWorld {
  const world = new RolloutWorld(clusters.split(''))
  for (const cluster of fresh) world.makeFresh(cluster)
  return world
}

const placedIn = (clusters: string): string[] => clusters.split('').map((cluster) => `${cluster}/shop`)
const codes = (world: RolloutWorld, name = 'run') =>
  (statusOf(world, name).findings ?? []).map(({ severity, code }) => `${severity} ${code}`)

describe('reconcileRollout: a target that is the application’s no more', () => {
  const plan = planSpec({ stages: all() })

  it('is refused at the start where nothing of it is there: a move to it was undone, or the placement changed', () => {
    const world = fleet('ab', 'b')
    world.placed = placedIn('a')
    world.start('run', plan)
    world.settle(5)
    assert.deepEqual(end(world), ['Failed', 'Refused'])
    assert.deepEqual(codes(world), ['Error rollout.not_placed'])
    assert.match(statusOf(world).message ?? '', /b\/shop .*freeze a new release/)
    assert.equal(digests(world), 'v1 -')
  })

  it('is delivered as long as something of it is there', () => {
    const world = fleet('ab')
    world.placed = placedIn('a')
    world.start('run', plan)
    world.settle(10)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
    assert.equal(digests(world), 'v2 v2')
  })

  it('is not taken for gone while nobody can see where the application is placed', () => {
    const world = fleet('ab', 'b')
    world.placed = placedIn('a')
    world.blind.add('placed')
    world.start('run', plan)
    world.settle(10)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
  })

  it('gets nothing of a run that comes to it later, and none of its steps runs', () => {
    const world = fleet('ab', 'b')
    const stages = [
      { name: 'canary', targets: { clusters: { names: ['a'] } }, soakSeconds: 60 },
      { name: 'rest', each: { before: [{ name: 'prepare', job }] } },
    ]
    world.start('run', planSpec({ stages }))
    world.settle(8)
    assert.equal(phases(world), 'a:Soaking b:Pending')
    world.placed = placedIn('a')
    world.settle(20)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
    assert.equal(phases(world), 'a:Succeeded b:Skipped')
    assert.match(statusOf(world).targets?.[1]?.message ?? '', /no target of the application any more/)
    assert.deepEqual(runs(world), [])
    assert.equal(digests(world), 'v2 -')
    holds(world)
  })

  it('gets nothing once more when it was taken away in the middle of a run', () => {
    const world = fleet('ab', 'b')
    world.start('run', planSpec({ stages: all({ soakSeconds: 60, maxConcurrency: 2 }) }))
    world.settle(8)
    assert.equal(phases(world), 'a:Soaking b:Soaking')
    world.placed = placedIn('a')
    world.deliveries.delete('b/shop')
    world.settle(20)
    assert.equal(phases(world), 'a:Succeeded b:Skipped')
    assert.equal(digests(world), 'v2 -')
    holds(world)
  })
})

describe('reconcileRollout: a target that was taken away', () => {
  it('is left out, and not taken for changed by somebody else, where it is the application’s no more', () => {
    const world = fleet('ab')
    const stages = [{ name: 'canary', targets: { clusters: { names: ['a'] } }, soakSeconds: 60 }, { name: 'rest' }]
    world.start('run', planSpec({ stages }))
    world.settle(8)
    world.placed = placedIn('a')
    world.deliveries.delete('b/shop')
    world.settle(20)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
    assert.equal(phases(world), 'a:Succeeded b:Skipped')
  })

  it('fails where it still is the application’s', () => {
    const world = fleet('ab')
    world.start('run', planSpec({ stages: all({ soakSeconds: 60, maxConcurrency: 2 }) }))
    world.settle(8)
    world.deliveries.delete('b/shop')
    world.settle(5)
    assert.equal(phases(world), 'a:Soaking b:Failed')
  })
})

describe('reconcileRollout: a rollback that would take the application away', () => {
  const plan = planSpec({ stages: all() })
  const back = (world: RolloutWorld, rest: object = {}, only: object = {}): void => {
    world.start('back', plan, 'v2', { rollback: { of: 'run', ...rest }, ...only })
    world.settle(30)
  }
  /** It was brought to b, and then moved there from a. */
  const moved = (clusters: string): RolloutWorld => {
    const world = fleet(clusters, 'b')
    world.start('run', plan)
    world.settle(30)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
    world.deliveries.delete('a/shop')
    world.placed = placedIn(clusters.replace('a', ''))
    return world
  }

  it('is refused after a move, naming where it is and where it was, and nothing is held', () => {
    const world = moved('ab')
    back(world)
    assert.deepEqual(end(world, 'back'), ['Failed', 'Refused'])
    assert.deepEqual(codes(world, 'back'), ['Error rollout.would_remove'])
    const [finding] = statusOf(world, 'back').findings ?? []
    assert.equal(finding?.field, 'spec.rollback.force')
    assert.match(finding.message, /b\/shop.*a\/shop/)
    assert.equal(digests(world), '- v2')
    assert.equal(world.hold, undefined)
  })

  it('is refused after a move also where others go back, which a rollback of these alone does', () => {
    const world = moved('abc')
    back(world)
    assert.deepEqual(codes(world, 'back'), ['Error rollout.would_remove'])
    world.rollouts.delete('back')
    back(world, {}, { targets: [at('c')] })
    assert.deepEqual(end(world, 'back'), ['RolledBack', 'Done'])
    assert.equal(digests(world), '- v2 v1')
  })

  it('is done where somebody forces it with a reason, and says what is gone', () => {
    const world = moved('ab')
    back(world, { force: { reason: 'it harms' } })
    assert.deepEqual(end(world, 'back'), ['RolledBack', 'Done'])
    assert.ok(codes(world, 'back').includes('Warning rollout.would_remove'))
    assert.equal(digests(world), '- -')
    holds(world)
  })

  it('is the way back of a first installation beside others, which says so', () => {
    const world = fleet('ab', 'b')
    world.start('run', plan)
    world.settle(30)
    back(world)
    assert.deepEqual(end(world, 'back'), ['RolledBack', 'Done'])
    assert.deepEqual(codes(world, 'back'), ['Info rollout.would_remove'])
    assert.equal(digests(world), 'v1 -')
    holds(world)
  })

  it('is not refused for what a later release changed since: that is left as it is', () => {
    const world = moved('abc')
    const next = planSpec({ stages: [{ name: 'all', targets: { clusters: { names: ['b'] } } }] })
    world.start('next', next, 'v3', { targets: [at('b')] }, 'v2')
    world.settle(30)
    assert.equal(digests(world), '- v3 v2')
    back(world)
    assert.deepEqual(end(world, 'back'), ['RolledBack', 'Done'])
    assert.equal(digests(world), '- v3 v1')
  })

  it('leaves the run that goes on alone when it is refused', () => {
    const world = fleet('abc', 'b')
    const stages = [
      { name: 'first', targets: { clusters: { names: ['b', 'c'] } }, maxConcurrency: 2 },
      { name: 'rest', before: [{ name: 'go', approval: {} }] },
    ]
    world.start('run', planSpec({ stages }))
    world.settle(20)
    world.deliveries.delete('a/shop')
    back(world)
    assert.deepEqual(codes(world, 'back'), ['Error rollout.would_remove'])
    assert.equal(statusOf(world).phase, 'Running')
    assert.equal(phases(world), 'b:Succeeded c:Succeeded a:Pending')
  })
})

describe('reconcileRollout: the whole way back', () => {
  const canary = { name: 'canary', targets: { clusters: { names: ['a'] } }, soakSeconds: 600 }
  /** Of a run at its canary, whose other targets have what is wanted already. */
  const halfDone = (rest: object): RolloutWorld => {
    const world = new RolloutWorld(['a', 'b'])
    world.deliveries.set('b/shop', deliveryOf('b', 'v2'))
    world.start('run', planSpec({ stages: [canary, { name: 'rest', ...rest }] }))
    world.settle(8)
    return world
  }

  it('ends the run for good: none of its later stages begins, though the rollback has nothing to write there', () => {
    const world = halfDone({ before: [migration] })
    assert.equal(phases(world), 'a:Soaking b:Pending')
    world.start('back', planSpec({ stages: all() }), 'v2', { rollback: { of: 'run' } })
    for (let time = 0; time < 2; time++) {
      world.settle(15)
      world.now += 600_000
    }
    world.settle(5)
    assert.deepEqual(end(world), ['Aborted', 'Replaced'])
    assert.deepEqual(end(world, 'back'), ['RolledBack', 'Done'])
    assert.deepEqual(runs(world), [])
    assert.equal(digests(world), 'v1 v2')
    holds(world)
  })

  it('waits until what the run has begun is over', () => {
    const world = halfDone({ before: [{ name: 'prepare', job }] })
    world.steps.behaviours.set('prepare', 'hang')
    world.now += 600_000
    world.settle(5)
    assert.deepEqual(runs(world), ['rest/-/-/before/prepare/0'])
    world.start('back', planSpec({ stages: all() }), 'v2', { rollback: { of: 'run' } })
    world.settle(10)
    assert.deepEqual(end(world, 'back'), ['Pending', 'Queued'])
    assert.match(statusOf(world, 'back').waitingFor ?? '', /the rollout run, which it takes back, to end/)
    world.steps.behaviours.clear()
    world.settle(20)
    world.now += 600_000
    world.settle(5)
    assert.deepEqual(end(world), ['Aborted', 'Replaced'])
    assert.deepEqual(end(world, 'back'), ['RolledBack', 'Done'])
    assert.equal(digests(world), 'v1 v2')
    holds(world)
  })

  it('takes back too what an earlier run of the same release brought', () => {
    const world = new RolloutWorld(['a', 'b', 'c'])
    const plan = planSpec({ stages: all() })
    world.behaviours.set('c/shop', 'refuses')
    world.start('run', plan)
    world.settle(30)
    assert.equal(phases(world), 'a:Succeeded b:Succeeded c:Failed')
    world.ask('run', () => ({ abort: { by: 'flotilla:user:ann', reason: 'c is ill' } }))
    world.settle(5)
    world.behaviours.clear()
    world.start('again', plan)
    world.settle(30)
    assert.deepEqual(end(world, 'again'), ['Succeeded', 'Done'])
    world.start('back', plan, 'v2', { rollback: { of: 'again' } })
    world.settle(30)
    assert.deepEqual(end(world, 'back'), ['RolledBack', 'Done'])
    assert.equal(digests(world), 'v1 v1 v1')
    holds(world)
  })
})
