import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { askAsPerson, askFor } from './rollout/testing/events.ts'
import { RolloutWorld } from './rollout/testing/rollout-world.ts'
import { author, planSpec } from './rollout/testing/scene.ts'
import { all, at, begin, digests, end, holds, job, migration, phases, runs, statusOf } from './rollout/testing/story.ts'
import type { RolloutEffect } from './rollout/types.ts'

const codes = (world: RolloutWorld): string[] => (statusOf(world, 'next').findings ?? []).map(({ code }) => code)

describe('reconcileRollout: several runs', () => {
  const slow = all({ before: [{ name: 'ok', approval: {} }] })

  it('queues behind a run that has the same target, and says behind which', () => {
    const world = begin('ab', slow, 5)
    world.start('next', planSpec({ stages: all() }))
    world.settle(5)
    assert.deepEqual(end(world, 'next'), ['Pending', 'Queued'])
    assert.match(statusOf(world, 'next').waitingFor ?? '', /the rollout run to be done with a\/shop/)
    assert.deepEqual(codes(world), [], 'it is the same release')
    world.approve('Approved', 'sets-of-v2')
    world.settle(20)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
    assert.deepEqual(end(world, 'next'), ['Succeeded', 'Done'])
    assert.equal(digests(world), 'v2 v2')
    holds(world)
  })

  it('warns at once of a release that queues behind one that moves what it was compared with', () => {
    const queued = (): RolloutWorld => {
      const world = begin('ab', slow, 5)
      world.start('next', planSpec({ stages: all() }), 'v3')
      world.settle(5)
      assert.deepEqual(end(world, 'next'), ['Pending', 'Queued'])
      assert.deepEqual(codes(world), ['rollout.will_move'])
      assert.match(statusOf(world, 'next').findings?.[0]?.message ?? '', /the rollout run, .* a\/shop, b\/shop/)
      return world
    }
    const through = queued()
    through.approve('Approved', 'sets-of-v2')
    through.settle(20)
    assert.deepEqual(end(through), ['Succeeded', 'Done'])
    assert.deepEqual(end(through, 'next'), ['Failed', 'Refused'])
    assert.deepEqual(codes(through), ['rollout.baseline_moved'])
    const given = queued()
    askAsPerson(given, 'run', 'abort')
    given.settle(20)
    assert.deepEqual(end(given, 'next'), ['Succeeded', 'Done'])
    assert.deepEqual(codes(given), [])
    assert.equal(digests(given), 'v3 v3')
    for (const world of [through, given]) holds(world)
  })

  it('warns of nothing where it takes the place of the other, or shares no target with it', () => {
    for (const [plan, only] of [
      [planSpec({ stages: all(), whenBusy: 'Replace' }), undefined],
      [planSpec({ stages: all() }), [at('b')]],
    ] as const) {
      const world = new RolloutWorld(['a', 'b'])
      world.start('run', planSpec({ stages: slow }), 'v2', { targets: [at('a')] })
      world.settle(5)
      world.start('next', plan, 'v3', only === undefined ? {} : { targets: [...only] })
      for (let round = 0; round < 20; round++) {
        world.pass()
        assert.deepEqual(codes(world), [])
        world.tick()
      }
    }
  })

  it('takes the place of a run by policy, also over what that has written', () => {
    const world = begin('ab', all({ maxConcurrency: 1, soakSeconds: 600 }), 5)
    assert.equal(phases(world), 'a:Soaking b:Pending')
    world.start('next', planSpec({ stages: all(), whenBusy: 'Replace' }), 'v3')
    world.settle(20)
    assert.deepEqual(end(world), ['Aborted', 'Replaced'])
    assert.deepEqual(end(world, 'next'), ['Succeeded', 'Done'])
    assert.match(statusOf(world).targets?.[0]?.message ?? '', /It was Soaking; the rollout next takes it/)
    holds(world)
  })

  it('lets a step that runs end before it gives its targets up', () => {
    const world = begin('a', all({ before: [{ name: 'prepare', job }] }))
    world.steps.behaviours.set('prepare', 'hang')
    world.settle(5)
    world.start('next', planSpec({ stages: all(), whenBusy: 'Replace' }), 'v3')
    world.settle(10)
    assert.deepEqual(end(world, 'next'), ['Pending', 'Queued'])
    world.steps.behaviours.clear()
    world.settle(20)
    assert.deepEqual(end(world), ['Aborted', 'Replaced'])
    assert.deepEqual(end(world, 'next'), ['Succeeded', 'Done'])
    holds(world)
  })

  it('waits for a target that went back in a stage that was passed: it may be retried', () => {
    const one = { name: 'one', targets: { clusters: { names: ['a', 'b'] } }, maxFailures: 1 }
    const world = new RolloutWorld(['a', 'b', 'c'])
    world.behaviours.set('a/shop', 'refuses')
    const stages = [
      { ...one, onFailure: 'RollbackTarget' as const },
      { name: 'rest', before: [{ name: 'go', approval: {} }] },
    ]
    world.start('run', planSpec({ stages }))
    world.settle(20)
    assert.equal(phases(world), 'a:RolledBack b:Succeeded c:Pending')
    world.behaviours.clear()
    world.start('next', planSpec({ stages: all() }), 'v2', { targets: [at('a')] })
    world.settle(5)
    askFor(world, 'run', { retry: { target: at('a') } })
    world.settle(10)
    assert.equal(phases(world), 'a:Succeeded b:Succeeded c:Pending')
    assert.deepEqual(end(world, 'next'), ['Succeeded', 'Done'])
    holds(world)
  })

  it('refuses a release whose baseline has moved', () => {
    const world = begin('a', all(), 10)
    world.start('next', planSpec({ stages: all() }), 'v3', {}, 'v1')
    world.settle(5)
    assert.deepEqual(end(world, 'next'), ['Failed', 'Refused'])
    assert.equal(statusOf(world, 'next').findings?.[0]?.code, 'rollout.baseline_moved')
  })

  it('takes what an earlier run had left for later', () => {
    const world = new RolloutWorld(['a', 'b'])
    world.lose('b')
    world.start('run', planSpec({ stages: all({ offline: 'Defer' }) }))
    world.settle(15)
    assert.equal(phases(world), 'a:Succeeded b:Deferred')
    world.start('next', planSpec({ stages: all() }), 'v3', { targets: [at('b')] }, 'v1')
    world.settle(5)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
    world.lost.clear()
    world.settle(10)
    assert.equal(digests(world), 'v2 v3')
  })

  it('refuses an impossible plan at once, with the field', () => {
    const world = begin('a', [{ name: 'all' }, { name: 'late' }], 2)
    assert.deepEqual(end(world), ['Failed', 'Refused'])
    assert.equal(statusOf(world).findings?.[0]?.field, 'spec.stages[1].targets')
  })

  it('is approved after all when who rejected it says so and it is retried, with nothing deleted', () => {
    const world = begin('a', slow, 5)
    world.approve('Rejected', 'sets-of-v2')
    world.settle(5)
    const { message = '' } = statusOf(world).stages?.[0]?.steps?.[0] ?? {}
    assert.match(message, /approves it after all, or the Approval \S+ is deleted/)
    world.now += 1000
    world.approve('Approved', 'sets-of-v2')
    askFor(world, 'run', { retry: {} })
    world.settle(10)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
  })

  it('goes past no approval by a skip, whether that waits, was rejected or has not begun', () => {
    const go = { name: 'go', approval: {} }
    const stages = [
      { name: 'canary', targets: { clusters: { names: ['a'] } }, before: [go] },
      { name: 'rest', before: [go] },
    ]
    const world = begin('ab', stages, 5)
    for (const stage of ['canary', 'rest']) askFor(world, 'run', { skip: { step: { stage, step: 'go' } } })
    world.settle(10)
    assert.equal(phases(world), 'a:Pending b:Pending')
    assert.deepEqual(
      statusOf(world).stages?.map(({ steps = [] }) => steps.map(({ phase }) => phase)),
      [['Running'], []],
    )
    assert.equal(statusOf(world).seen?.ids.length, 2, 'what is not done is not asked for ever')
    world.approve('Rejected', 'sets-of-v2')
    world.settle(5)
    askFor(world, 'run', { skip: { step: { stage: 'canary', step: 'go' } } })
    world.settle(5)
    assert.deepEqual(end(world), ['Paused', 'ApprovalRejected'])
    assert.equal(digests(world), 'v1 v1')
  })

  it('goes past no approval of a target by a skip; a target that is skipped gets nothing', () => {
    const world = begin('a', all({ each: { before: [{ name: 'go', approval: {} }] } }), 5)
    askFor(world, 'run', { skip: { step: { stage: 'all', target: at('a'), step: 'go' } } })
    world.settle(5)
    assert.equal(phases(world), 'a:PreHooks')
    askFor(world, 'run', { skip: { target: at('a') } })
    world.settle(5)
    assert.equal(phases(world), 'a:Skipped')
    assert.equal(digests(world), 'v1')
  })

  it('is not approved by its author, nor for other content, nor by what was rejected since', () => {
    const world = begin('a', slow, 5)
    world.approve('Approved', 'sets-of-v2', author)
    world.approve('Approved', 'sets-of-v9')
    world.settle(5)
    assert.equal(phases(world), 'a:Pending')
    assert.match(statusOf(world).waitingFor ?? '', /other content/)
    world.approve('Approved', 'sets-of-v2', 'flotilla:user:carol')
    world.now += 1000
    world.approve('Rejected', 'sets-of-v2', 'flotilla:user:carol')
    world.settle(5)
    assert.deepEqual(end(world), ['Paused', 'ApprovalRejected'])
    world.approvals.pop()
    askFor(world, 'run', { retry: {} })
    world.settle(10)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
  })
})

describe('reconcileRollout: the way back', () => {
  const plan = planSpec({
    stages: [
      {
        name: 'canary',
        targets: { clusters: { names: ['a'] } },
        before: [migration, { name: 'back', during: ['Rollback'], job }],
      },
      { name: 'rest', before: [{ name: 'ok', approval: {} }] },
    ],
    windows: [{ from: '09:00', to: '11:00' }],
  })
  const gone = (old: string | null = 'v1'): RolloutWorld => {
    const world = new RolloutWorld(['a', 'b', 'c'], old)
    world.start('run', plan, 'v2', {}, old)
    world.settle(10)
    world.approve('Approved', 'sets-of-v2')
    world.settle(10)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
    world.now += 6 * 3600 * 1000
    return world
  }
  const takeBack = (world: RolloutWorld, rest: object = {}): void => {
    world.start('back', plan, 'v2', { rollback: { of: 'run', ...rest } })
  }

  it('takes the whole set back: holds the application first, runs no migration, waits for no window or approval', () => {
    const world = gone()
    const before = runs(world).length
    takeBack(world)
    world.settle(15)
    assert.deepEqual(end(world, 'back'), ['RolledBack', 'Done'])
    assert.equal(digests(world), 'v1 v1 v1')
    assert.deepEqual(runs(world).slice(before), ['back-uid/canary/-/-/before/back/0'])
    const kinds = world.effects.map(({ kind }) => kind)
    assert.ok(kinds.indexOf('HoldApplication') < kinds.lastIndexOf('StoreDocument'))
    const writes = world.effects.filter(
      (effect): effect is Extract<RolloutEffect, { kind: 'WriteDelivery' }> => effect.kind === 'WriteDelivery',
    )
    assert.ok(writes.slice(-3).every(({ rollback, want }) => rollback && want?.components[0]?.digest === 'v1-web'))
    holds(world)
  })

  it('keeps automation from going out over a rollback until somebody lifts the hold', () => {
    const world = gone()
    takeBack(world)
    world.settle(15)
    world.start('auto', planSpec({ stages: all() }), 'v3', {}, 'v1')
    world.settle(10)
    assert.deepEqual(end(world, 'auto'), ['Pending', 'Held'])
    world.hold = undefined
    world.settle(10)
    assert.deepEqual(end(world, 'auto'), ['Succeeded', 'Done'])
  })

  it('begins nothing over a hold that came after its document was stored, nor where the application is barred by then', () => {
    const world = begin('a', all())
    while (world.documents.size === 0) world.pass()
    assert.equal(statusOf(world).phase, 'Pending')
    world.hold = 'it was taken back'
    world.settle(3)
    assert.deepEqual(end(world), ['Pending', 'Held'])
    world.hold = undefined
    world.barred = 'The application shop is paused'
    world.settle(3)
    assert.deepEqual(end(world), ['Pending', 'Barred'])
    world.barred = undefined
    world.blind.add('opening')
    world.settle(3)
    assert.equal(statusOf(world).phase, 'Pending')
    assert.equal(digests(world), 'v1')
    world.blind.clear()
    world.settle(10)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
    holds(world)
  })

  it('takes no rollback back: that would be a release past hold, windows and approvals', () => {
    const world = gone()
    takeBack(world)
    world.settle(15)
    world.start('forth', plan, 'v2', { rollback: { of: 'back' } })
    world.settle(15)
    assert.deepEqual(end(world, 'forth'), ['Failed', 'Refused'])
    assert.equal(statusOf(world, 'forth').findings?.[0]?.code, 'rollout.of_rollback')
    assert.equal(digests(world), 'v1 v1 v1')
    holds(world)
  })

  it('takes back a run that still goes on, in place of it', () => {
    const world = new RolloutWorld(['a', 'b'])
    world.start('run', planSpec({ stages: all({ maxConcurrency: 1, soakSeconds: 20 }) }))
    world.behaviours.set('b/shop', 'refuses')
    world.settle(20)
    assert.equal(phases(world), 'a:Succeeded b:Failed')
    takeBack(world)
    world.behaviours.clear()
    world.settle(30)
    assert.deepEqual(end(world), ['Aborted', 'Replaced'])
    assert.deepEqual(end(world, 'back'), ['RolledBack', 'Done'])
    assert.equal(digests(world), 'v1 v1')
    holds(world)
  })

  it('takes back a stage or a target alone', () => {
    const world = gone()
    takeBack(world, { stages: ['rest'] })
    world.settle(15)
    assert.equal(digests(world), 'v2 v1 v1')
    const other = gone()
    other.start('back', plan, 'v2', { rollback: { of: 'run' }, targets: [at('c')] })
    other.settle(15)
    assert.equal(digests(other), 'v2 v2 v1')
  })

  it('takes away what was not there before', () => {
    const world = gone(null)
    takeBack(world)
    world.settle(15)
    assert.deepEqual(end(world, 'back'), ['RolledBack', 'Done'])
    assert.equal(digests(world), '- - -')
  })

  it('leaves out a target that has something else by now, and says so', () => {
    const world = gone()
    world.start('next', planSpec({ stages: all() }), 'v3', { targets: [at('b')] }, 'v2')
    world.settle(10)
    takeBack(world)
    world.settle(15)
    assert.deepEqual(end(world, 'back'), ['RolledBack', 'Done'])
    assert.equal(digests(world), 'v1 v3 v1')
    assert.equal(statusOf(world, 'back').findings?.[0]?.code, 'rollout.targets_left')
  })

  it('refuses to go past a migration that cannot be taken back, unless forced with a reason', () => {
    const world = gone()
    takeBack(world)
    world.changeOpening('back', { irreversible: ['migrate'] })
    world.settle(3)
    assert.deepEqual(end(world, 'back'), ['Failed', 'Refused'])
    assert.equal(statusOf(world, 'back').findings?.[0]?.field, 'spec.rollback.force')
    world.rollouts.delete('back')
    takeBack(world, { force: { reason: 'the column is not read' } })
    world.changeOpening('back', { irreversible: ['migrate'] })
    world.settle(15)
    assert.deepEqual(end(world, 'back'), ['RolledBack', 'Done'])
  })

  it('pauses where a target does not come back, and ends RollbackFailed past it', () => {
    const world = gone()
    world.behaviours.set('b/shop', 'refuses-all')
    takeBack(world)
    world.settle(15)
    assert.deepEqual(end(world, 'back'), ['Paused', 'StageFailed'])
    askAsPerson(world, 'back', 'resume')
    world.settle(5)
    assert.deepEqual(end(world, 'back'), ['RollbackFailed', 'TargetsFailed'])
  })

  it('does not take an older word of a Delivery for being back', () => {
    const world = begin('a', all({ onFailure: 'RollbackTarget', deadlineSeconds: 90_000 }), 0)
    for (let pass = 0; pass < 4; pass++) world.pass()
    assert.equal(phases(world), 'a:Applying')
    // v2 is wanted, and begun in the member: v1 is still the last that was applied whole
    world.tick()
    world.behaviours.set('a/shop', 'refuses')
    world.tick()
    world.pass()
    world.pass()
    assert.equal(phases(world), 'a:RollingBack')
    world.tick()
    const delivery = world.deliveries.get('a/shop')
    assert.equal(delivery?.status?.applied?.digest, 'v1')
    assert.equal(delivery.status.attempt?.digest, 'v1')
    world.deliveries.set('a/shop', { ...delivery, status: { ...delivery.status, health: 'Healthy' } })
    world.pass()
    assert.equal(phases(world), 'a:RollingBack')
    world.settle(3)
    assert.equal(phases(world), 'a:RolledBack')
  })
})
