import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { askAsPerson, askFor } from './rollout/testing/events.ts'
import { RolloutWorld } from './rollout/testing/rollout-world.ts'
import { planSpec } from './rollout/testing/scene.ts'
import {
  all,
  at,
  begin,
  digests,
  end,
  holds,
  job,
  phases,
  stagePhases,
  statusOf,
  type Stages,
} from './rollout/testing/story.ts'

describe('reconcileRollout: what fails', () => {
  const two = (onFailure: string, rest: object = {}): Stages =>
    [
      { name: 'first', targets: { clusters: { names: ['a', 'b'] } }, maxConcurrency: 1, onFailure, ...rest },
      { name: 'second' },
    ] as Stages
  const broken = (stages: Stages, rounds = 30): RolloutWorld => {
    const world = new RolloutWorld(['a', 'b', 'c'])
    world.behaviours.set('b/shop', 'refuses')
    world.start('run', planSpec({ stages }))
    world.settle(rounds)
    return world
  }

  it('pauses a stage in which more targets failed than may, and says what a person can do', () => {
    const world = broken(two('Pause'))
    assert.deepEqual(end(world), ['Paused', 'StageFailed'])
    assert.equal(phases(world), 'a:Succeeded b:Failed c:Pending')
    assert.match(statusOf(world).message ?? '', /b\/shop \(a hook failed\).*Retry or skip.*resume.*abort.*roll back/)
    assert.equal(world.decide('run').next.next, 'stalled')
  })

  it('goes on past as many failures as may be, and does not claim success', () => {
    const world = broken(two('Pause', { maxFailures: 1 }))
    assert.deepEqual(end(world), ['Failed', 'TargetsFailed'])
    assert.equal(phases(world), 'a:Succeeded b:Failed c:Succeeded')
  })

  it('goes on with Continue, and ends Failed', () => {
    const world = broken(two('Continue'))
    assert.deepEqual(end(world), ['Failed', 'TargetsFailed'])
    assert.equal(digests(world), 'v2 v2 v2')
  })

  it('takes a target back with RollbackTarget, and pauses', () => {
    const world = broken(two('RollbackTarget'), 12)
    assert.equal(digests(world), 'v2 v1 v1')
    world.behaviours.set('b/shop', 'well')
    world.settle(10)
    assert.equal(phases(world), 'a:Succeeded b:RolledBack c:Pending')
    assert.deepEqual(end(world), ['Paused', 'StageFailed'])
    assert.match(statusOf(world).targets?.[1]?.message ?? '', /a hook failed/)
  })

  it('takes every target of the stage back with RollbackStage, and ends Failed', () => {
    const world = broken(two('RollbackStage'), 12)
    assert.equal(digests(world), 'v1 v1 v1')
    world.behaviours.set('b/shop', 'well')
    world.settle(10)
    assert.equal(phases(world), 'a:RolledBack b:RolledBack c:Skipped')
    assert.deepEqual(end(world), ['Failed', 'StageRolledBack'])
    assert.match(
      statusOf(world).message ?? '',
      /The stage first went back: 1 of its targets failed: b\/shop \(a hook failed\)/,
    )
    holds(world)
  })

  it('takes nothing back by itself past a migration that cannot be taken back', () => {
    const forGood = { name: 'migrate', job: { ...job, migration: { reversible: false } } }
    for (const policy of ['RollbackStage', 'RollbackTarget']) {
      const world = broken(two(policy, { before: [forGood] }))
      assert.equal(digests(world), 'v2 v2 v1')
      assert.deepEqual(end(world), ['Paused', 'StageFailed'])
      assert.match(statusOf(world).message ?? '', /the migration migrate cannot be taken back/)
    }
  })

  it('goes back past a migration that somebody else had run before the release was frozen', () => {
    const forGood = { name: 'migrate', job: { ...job, migration: { reversible: false } } }
    for (const policy of ['RollbackStage', 'RollbackTarget']) {
      const world = new RolloutWorld(['a', 'b', 'c'])
      world.steps.behaviours.set('migrate', 'before')
      world.behaviours.set('b/shop', 'refuses')
      world.start('run', planSpec({ stages: two(policy, { before: [forGood] }) }))
      world.settle(12)
      assert.equal(digests(world), policy === 'RollbackStage' ? 'v1 v1 v1' : 'v2 v1 v1')
      assert.deepEqual(world.steps.begun, [])
      assert.equal(statusOf(world).stages?.[0]?.steps?.[0]?.ranBefore, true)
      holds(world)
    }
  })

  it('takes nothing back past a migration that a person went past after it may have run, and does past one that never began', () => {
    const forGood = { name: 'migrate', job: { ...job, migration: { reversible: false } } }
    const step = { stage: 'all', step: 'migrate', target: at('a') }
    const skipped = (before: (world: RolloutWorld) => void): RolloutWorld => {
      const world = new RolloutWorld(['a'])
      world.behaviours.set('a/shop', 'refuses')
      world.start('run', planSpec({ stages: all({ onFailure: 'RollbackTarget', each: { before: [forGood] } }) }))
      before(world)
      world.settle(3)
      world.lost.clear()
      askFor(world, 'run', { skip: { step } })
      world.settle(10)
      assert.equal(statusOf(world).targets?.[0]?.steps?.[0]?.phase, 'Skipped')
      return world
    }
    const ran: readonly (readonly [string, (world: RolloutWorld) => void])[] = [
      ['failed', ({ steps }) => steps.behaviours.set('migrate', 'fail')],
      ['is uncertain', ({ steps }) => steps.behaviours.set('migrate', 'uncertain')],
      ['runs', ({ steps }) => steps.behaviours.set('migrate', 'hang')],
      [
        'began where nobody saw it',
        (world) => {
          while (world.steps.begun.length === 0) world.pass()
          world.lose('a')
          askFor(world, 'run', { skip: { step } })
        },
      ],
      [
        'failed before, and was to be tried again',
        (world) => {
          world.steps.behaviours.set('migrate', 'fail')
          world.settle(4)
          while (statusOf(world).targets?.[0]?.steps?.[0]?.attempt !== 1) {
            askFor(world, 'run', { retry: {} })
            world.pass()
          }
          askFor(world, 'run', { skip: { step } })
        },
      ],
    ]
    for (const [how, before] of ran) {
      const world = skipped(before)
      assert.equal(digests(world), 'v2', how)
      assert.equal(statusOf(world).targets?.[0]?.steps?.[0]?.ran, true, how)
    }
    const never = skipped((world) => {
      while (statusOf(world).targets === undefined) world.pass()
      askFor(world, 'run', { skip: { step } })
    })
    assert.deepEqual(never.steps.begun, [])
    assert.equal(digests(never), 'v1')
  })

  it('takes nothing back by itself past a hook of its charts that cannot be taken back', () => {
    const world = new RolloutWorld(['a', 'b', 'c'])
    world.behaviours.set('b/shop', 'refuses')
    world.start('run', planSpec({ stages: two('RollbackStage') }))
    const { opening } = world.observe('run')
    assert.ok(opening.known && opening.value.frozen !== undefined)
    const migrations = [{ component: 'web', name: 'drop-column', reversible: false }]
    world.changeOpening('run', { frozen: { ...opening.value.frozen, migrations } })
    world.settle(30)
    assert.equal(digests(world), 'v2 v2 v1')
    assert.match(statusOf(world).message ?? '', /drop-column/)
  })

  it('goes back past hooks of components that it leaves as they are', () => {
    const world = new RolloutWorld(['a', 'b', 'c'])
    world.behaviours.set('b/shop', 'refuses')
    world.start('run', planSpec({ stages: two('RollbackStage') }))
    const { opening } = world.observe('run')
    assert.ok(opening.known && opening.value.frozen !== undefined)
    const migrations = [{ component: 'worker', name: 'drop-column', reversible: false }]
    world.changeOpening('run', { frozen: { ...opening.value.frozen, migrations } })
    world.settle(12)
    assert.equal(digests(world), 'v1 v1 v1')
    holds(world)
  })

  const ills: readonly (readonly ['refuses' | 'fails-again' | 'ill', string, number])[] = [
    ['refuses', 'a hook failed', 10],
    ['fails-again', 'again and again for 600 s', 130],
    ['ill', 'It is Degraded since', 130],
  ]
  for (const [behaviour, message, rounds] of ills) {
    it(`counts a Delivery that ${behaviour} as failed, not sooner than it should`, () => {
      const world = new RolloutWorld(['a'])
      world.behaviours.set('a/shop', behaviour)
      world.start('run', planSpec({ stages: all() }))
      world.settle(rounds > 100 ? 100 : 5)
      if (rounds > 100) assert.notEqual(phases(world), 'a:Failed')
      world.settle(rounds > 100 ? 30 : 5)
      assert.equal(phases(world), 'a:Failed')
      assert.ok(statusOf(world).targets?.[0]?.message?.includes(message), statusOf(world).targets?.[0]?.message)
    })
  }

  it('fails a target that somebody else changed behind its back, and never writes over that', () => {
    const world = begin('ab', all({ maxConcurrency: 1, soakSeconds: 60 }), 5)
    const delivery = world.deliveries.get('b/shop')
    assert.ok(delivery?.spec.desired !== undefined)
    const desired = { ...delivery.spec.desired, digest: 'by-hand' }
    world.deliveries.set('b/shop', { ...delivery, spec: { ...delivery.spec, desired } })
    world.settle(10)
    assert.equal(phases(world), 'a:Soaking b:Failed')
    assert.equal(digests(world), 'v2 by-hand')
  })

  it('pauses at the deadline of a stage with what is left, and a person gives it as long again', () => {
    const world = begin('a', all({ deadlineSeconds: 600, before: [{ name: 'ok', approval: {} }] }), 125)
    assert.deepEqual(end(world), ['Paused', 'StageDeadline'])
    assert.match(statusOf(world).message ?? '', /a\/shop/)
    askAsPerson(world, 'run', 'resume')
    world.settle(2)
    assert.deepEqual(end(world), ['Running', undefined])
    world.approve('Approved', 'sets-of-v2')
    world.settle(10)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
  })

  it('needs nobody at the deadline of a stage when those that were late failed, and may have', () => {
    const late = (rest: object, rounds = 30): RolloutWorld => {
      const world = new RolloutWorld(['a', 'b', 'c'])
      world.behaviours.set('b/shop', 'ill')
      world.start('run', planSpec({ stages: two('Continue', { maxFailures: 1, deadlineSeconds: 60, ...rest }) }))
      world.settle(rounds)
      return world
    }
    const world = late({})
    assert.equal(phases(world), 'a:Succeeded b:Failed c:Succeeded')
    assert.deepEqual(end(world), ['Failed', 'TargetsFailed'])
    holds(world)
    const withStep = late({ after: [{ name: 'smoke', job }] })
    assert.deepEqual(end(withStep), ['Paused', 'StageDeadline'], 'there is no time left for what comes after')
  })

  it('asks for a person when a target that was left for later fails after its stage', () => {
    const world = new RolloutWorld(['a', 'b'])
    world.lose('b')
    world.behaviours.set('b/shop', 'refuses')
    world.start('run', planSpec({ stages: all({ offline: 'Defer' }) }))
    world.settle(15)
    assert.equal(stagePhases(world), 'all:Succeeded')
    world.lost.clear()
    world.settle(10)
    assert.deepEqual(end(world), ['Paused', 'StageFailed'])
  })
})
