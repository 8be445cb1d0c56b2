import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { known, unknown } from '@flotilla/model'
import { reconcileRollout } from './reconcile-rollout.ts'
import { type Blindness, RolloutWorld } from './rollout/testing/rollout-world.ts'
import { planSpec } from './rollout/testing/scene.ts'
import { end, holds, job, migration, phases } from './rollout/testing/story.ts'

describe('a member lost in the middle of a rollout', () => {
  const lose = (offline: string, maxConcurrency = 1): RolloutWorld => {
    const world = new RolloutWorld(['a', 'b', 'c'])
    const stages = [
      { name: 'all', targets: { clusters: { names: ['a', 'b'] } }, maxConcurrency, soakSeconds: 20, offline },
      { name: 'last' },
    ]
    world.start('run', planSpec({ stages } as never))
    for (let pass = 0; pass < 4; pass++) world.pass()
    assert.match(phases(world), /^a:Applying/)
    world.lose('a')
    world.settle(30)
    return world
  }

  it('Wait: the others go on in its place, it is unknown since then, and the stage does not end before it', () => {
    const world = lose('Wait')
    assert.equal(phases(world), 'a:Applying b:Succeeded c:Pending')
    assert.equal(world.get('run').status?.targets?.[0]?.unknownSince, world.lost.get('a'))
    assert.match(world.get('run').status?.waitingFor ?? '', /a\/shop: the cluster a, which cannot be reached/)
    world.lost.clear()
    world.settle(30)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
    assert.equal(world.get('run').status?.targets?.[0]?.unknownSince, undefined)
    holds(world)
  })

  it('Defer: later stages go on, and the run ends when it is back and done', () => {
    const world = lose('Defer')
    assert.equal(phases(world), 'a:Deferred b:Succeeded c:Succeeded')
    assert.deepEqual(end(world), ['Running', undefined])
    assert.match(world.get('run').status?.waitingFor ?? '', /left for later: a\/shop/)
    world.lost.clear()
    world.settle(20)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
    holds(world)
  })

  it('Fail: it counts as failed, but not for a tunnel that is back soon', () => {
    assert.equal(phases(lose('Fail')), 'a:Failed b:Pending c:Pending')
    const world = new RolloutWorld(['a'])
    world.start('run', planSpec({ stages: [{ name: 'all', offline: 'Fail', soakSeconds: 60 }] }))
    world.settle(5)
    world.lose('a')
    world.settle(4)
    assert.notEqual(phases(world), 'a:Failed')
    world.lost.clear()
    world.settle(30)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
  })

  it('holds no more places than its own: two at a time go on beside it', () => {
    const world = lose('Wait', 2)
    assert.equal(phases(world), 'a:Applying b:Succeeded c:Pending')
  })
})

describe('what cannot be seen', () => {
  const everything: readonly Blindness[] = ['document', 'deliveries', 'approvals', 'others', 'opening', 'placed']
  const plan = planSpec({
    stages: [
      { name: 'all', each: { before: [{ name: 'ok', approval: {} }], after: [{ name: 'smoke', test: { job } }] } },
    ],
  })

  it('advances nothing, fails nothing and ends nothing, and says so', () => {
    for (const passes of [1, 2, 3, 4, 6, 8, 10]) {
      const world = new RolloutWorld(['a', 'b'])
      world.start('run', plan)
      world.settle(2)
      world.approve('Approved', 'sets-of-v2')
      for (let pass = 0; pass < passes; pass++) {
        world.pass()
        world.tick(2)
      }
      if (world.isEnded('run')) continue
      for (const what of everything) world.blind.add(what)
      for (const cluster of world.clusters) world.lose(cluster)
      const before = phases(world)
      world.now += 20_000
      world.settle(20)
      assert.equal(phases(world), before)
      assert.ok(world.get('run').status?.waitingFor !== undefined)
      world.blind.clear()
      world.lost.clear()
      world.settle(20)
      assert.deepEqual(end(world), ['Succeeded', 'Done'])
    }
  })

  it('leaves a step alone that is not seen, however long it takes', () => {
    const world = new RolloutWorld(['a'])
    world.start('run', planSpec({ stages: [{ name: 'all', before: [{ ...migration, timeoutSeconds: 30 }] }] }))
    world.steps.behaviours.set('migrate', 'hang')
    world.settle(5)
    world.lose('a')
    world.settle(100)
    assert.deepEqual(end(world), ['Running', undefined])
    assert.ok(!world.effects.some(({ kind }) => kind === 'CancelStep'))
  })
})

describe('the server killed between any two writes', () => {
  const plan = planSpec({
    stages: [
      { name: 'canary', targets: { clusters: { names: ['a'] } }, before: [migration] },
      {
        name: 'rest',
        maxConcurrency: 1,
        each: { before: [{ name: 'drain', job }], after: [{ name: 'smoke', test: { job } }] },
      },
    ],
  })
  it('resumes at each of them: nothing runs twice, no target is lost', () => {
    let points = 0
    for (const after of [false, true]) {
      for (let writes = 1; ; writes++) {
        const world = new RolloutWorld(['a', 'b', 'c'])
        world.start('run', plan)
        world.killIn = { writes, after }
        world.settle(40)
        assert.deepEqual(end(world), ['Succeeded', 'Done'])
        assert.equal(new Set(world.steps.begun).size, 5)
        assert.equal(world.steps.begun.length, 5)
        holds(world)
        if (world.kills === 0) break
        points++
        assert.ok(writes < 200)
      }
    }
    assert.ok(points > 40, `${points} points`)
  })
})

describe('a hook that hangs, a release half applied', () => {
  it('is bounded by its time, and goes back by policy', () => {
    const world = new RolloutWorld(['a', 'b'])
    const each = { before: [migration], after: [{ name: 'smoke', test: { job }, timeoutSeconds: 60 }] }
    world.start('run', planSpec({ stages: [{ name: 'all', maxConcurrency: 1, onFailure: 'RollbackStage', each }] }))
    world.steps.behaviours.set('smoke', 'hang')
    world.settle(40)
    assert.deepEqual(end(world), ['Failed', 'StageRolledBack'])
    assert.equal(phases(world), 'a:RolledBack b:Skipped')
    assert.equal(world.deliveries.get('a/shop')?.spec.desired?.digest, 'v1')
    assert.equal(world.steps.begun.filter((key) => key.includes('migrate')).length, 1)
    holds(world)
  })
})

describe('a migration', () => {
  it('that vanished after it was seen to run stops for a person, and one that may run again does', () => {
    const answers = [true, false].map((idempotent) => {
      const world = new RolloutWorld(['a'])
      const step = { name: 'migrate', job: { ...job, migration: { idempotent } } }
      world.start('run', planSpec({ stages: [{ name: 'all', before: [step] }] }))
      world.steps.behaviours.set('migrate', 'hang')
      world.settle(5)
      const observed = world.observe('run')
      const steps = new Map([...observed.steps.keys()].map((key) => [key, known({ state: 'absent' as const })]))
      return reconcileRollout({ object: world.get('run'), observed: { ...observed, steps }, now: world.time })
    })
    assert.deepEqual(
      answers.map(({ status, effects }) => [status.phase, status.reason, effects.map(({ kind }) => kind)]),
      [
        ['Running', undefined, ['BeginStep']],
        ['Paused', 'StepUncertain', []],
      ],
    )
  })

  it('whose cluster is away is neither begun elsewhere nor begun again', () => {
    const world = new RolloutWorld(['a', 'b'])
    world.start('run', planSpec({ stages: [{ name: 'all', before: [migration] }] }))
    world.lose('a')
    world.settle(20)
    assert.deepEqual(world.steps.begun, [])
    assert.match(world.get('run').status?.waitingFor ?? '', /job migrate: the cluster a/)
    world.lost.clear()
    world.settle(10)
    assert.equal(world.steps.begun.length, 1)
  })
})

describe('a clock ten minutes off', () => {
  it('lets approvals count that seem to come from the future, or from before the step', () => {
    for (const minutes of [-10, 10]) {
      const world = new RolloutWorld(['a'])
      world.start(
        'run',
        planSpec({ stages: [{ name: 'all', before: [{ name: 'ok', approval: { expiresSeconds: 3600 } }] }] }),
      )
      world.settle(5)
      world.now += minutes * 60_000
      world.approve('Approved', 'sets-of-v2')
      world.now -= minutes * 60_000
      world.settle(10)
      assert.deepEqual(end(world), ['Succeeded', 'Done'])
    }
  })

  it('put back neither ends a soak early nor loses a deadline', () => {
    const world = new RolloutWorld(['a'])
    world.start('run', planSpec({ stages: [{ name: 'all', soakSeconds: 60 }] }))
    world.settle(5)
    world.now -= 600_000
    world.settle(8)
    assert.equal(phases(world), 'a:Soaking')
    world.settle(140)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
  })
})

describe('a copy of Deliveries that is behind our own writes', () => {
  it('makes the same write once more under the same key, and no other', () => {
    const world = new RolloutWorld(['a'])
    world.start('run', planSpec({ stages: [{ name: 'all' }] }))
    for (let pass = 0; pass < 3; pass++) world.pass()
    world.stale = { deliveries: new Map(world.deliveries), passes: 3 }
    for (let pass = 0; pass < 3; pass++) world.pass()
    const writes = world.effects.filter(({ kind }) => kind === 'WriteDelivery')
    assert.ok(writes.length > 1)
    assert.equal(new Set(writes.map(({ key }) => key)).size, 1)
    world.settle(10)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
  })
})

describe('other runs that cannot be seen', () => {
  it('keep a run from starting, and one that goes on goes on', () => {
    const world = new RolloutWorld(['a'])
    world.start('run', planSpec({ stages: [{ name: 'all' }] }))
    const observed = { ...world.observe('run'), others: unknown('not in sync') }
    const { status, effects } = reconcileRollout({ object: world.get('run'), observed, now: world.time })
    assert.equal(status.phase, 'Pending')
    assert.deepEqual(effects, [])
    for (let pass = 0; pass < 4; pass++) world.pass()
    world.blind.add('others')
    world.settle(10)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
  })
})
