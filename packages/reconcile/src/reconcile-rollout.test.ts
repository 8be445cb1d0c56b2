import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { RolloutStatus } from '@flotilla/model'
import { askAsPerson, askFor } from './rollout/testing/events.ts'
import { RolloutWorld } from './rollout/testing/rollout-world.ts'
import { author, planSpec } from './rollout/testing/scene.ts'
import type { RolloutEffect } from './rollout/types.ts'

const template = { spec: { containers: [] } }
const job = { template }
const migration = { name: 'migrate', job: { template, migration: {} } }
const smoke = { name: 'smoke', test: { job } }
type Stages = Parameters<typeof planSpec>[0]['stages']

/** A run over clusters `a`, `b` ... that has been going on for as many rounds of five seconds. */
function begin(clusters: string, stages: Stages, rounds = 0, plan: object = {}): RolloutWorld {
  const world = new RolloutWorld([...clusters])
  world.start('run', planSpec({ stages, ...plan }))
  if (rounds > 0) world.settle(rounds)
  return world
}
const statusOf = (world: RolloutWorld, name = 'run'): RolloutStatus => world.get(name).status ?? {}
const phases = (world: RolloutWorld, name = 'run'): string =>
  (statusOf(world, name).targets ?? []).map(({ cluster, phase }) => `${cluster}:${phase}`).join(' ')
const stagePhases = (world: RolloutWorld): string =>
  (statusOf(world).stages ?? []).map(({ name, phase }) => `${name}:${phase}`).join(' ')
const end = (world: RolloutWorld, name = 'run') => [statusOf(world, name).phase, statusOf(world, name).reason]
const runs = (world: RolloutWorld): string[] => world.steps.begun.map((key) => key.replace('run-uid/', ''))
const digests = (world: RolloutWorld): string =>
  world.clusters.map((cluster) => world.deliveries.get(`${cluster}/shop`)?.spec.desired?.digest ?? '-').join(' ')
function holds(world: RolloutWorld): void {
  assert.deepEqual(world.violations, [])
  assert.deepEqual(world.steps.violations, [])
}
const all = (rest: object = {}): Stages => [{ name: 'all', ...rest }] as Stages
const at = (cluster: string) => ({ cluster, namespace: 'shop' })

describe('reconcileRollout: the way forward', () => {
  it('goes through stages one after another, with their steps, and ends when every target is well', () => {
    const world = begin(
      'abc',
      [
        {
          name: 'canary',
          targets: { clusters: { names: ['a'] } },
          before: [migration],
          after: [{ name: 'hold', wait: { seconds: 60 } }],
        },
        {
          name: 'rest',
          maxConcurrency: 1,
          soakSeconds: 30,
          each: { before: [{ name: 'drain', webhook: { url: 'http://x/' } }], after: [smoke] },
        },
      ],
      80,
    )
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
    assert.deepEqual(runs(world), [
      'canary/-/-/before/migrate/0',
      'rest/b/shop/before/drain/0',
      'rest/b/shop/after/smoke/0',
      'rest/c/shop/before/drain/0',
      'rest/c/shop/after/smoke/0',
    ])
    assert.equal(digests(world), 'v2 v2 v2')
    holds(world)
  })

  it('writes the status that names a step before the step begins, and begins it again under the same key after a kill', () => {
    const world = begin('a', all({ before: [migration] }))
    world.pass() // claim
    world.pass() // document
    world.pass() // running
    world.killIn = { writes: 1, after: true }
    world.pass()
    assert.equal(statusOf(world).stages?.[0]?.steps?.[0]?.phase, 'Intended')
    assert.deepEqual(runs(world), [])
    const again = world.decide('run').effects.map(({ key }) => key)
    assert.deepEqual(again, ['begin/run-uid/all/-/-/before/migrate/0'])
    world.killIn = { writes: 1, after: true }
    world.pass()
    world.settle(10)
    assert.deepEqual(runs(world), ['all/-/-/before/migrate/0'])
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
  })

  it('changes as many targets at once as the stage says, in their order', () => {
    const world = begin('abcde', all({ maxConcurrency: 2, soakSeconds: 30 }))
    for (let round = 0; round < 6; round++) world.pass()
    assert.equal(phases(world), 'a:Applying b:Applying c:Pending d:Pending e:Pending')
    world.settle(40)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
    holds(world)
  })

  it('begins a soak anew when the target was ill or unseen in it', () => {
    const world = begin('a', all({ soakSeconds: 600 }), 10)
    assert.equal(phases(world), 'a:Soaking')
    const since = statusOf(world).targets?.[0]?.since
    world.lose('a')
    world.settle(2)
    world.lost.clear()
    world.settle(2)
    assert.equal(phases(world), 'a:Soaking')
    assert.notEqual(statusOf(world).targets?.[0]?.since, since)
    world.behaviours.set('a/shop', 'ill')
    world.settle(3)
    assert.equal(phases(world), 'a:WaitingHealth')
  })

  it('begins no target outside of its windows, and says when they open', () => {
    const windows = [{ from: '12:00', to: '13:00' }]
    const world = begin('a', all({ before: [{ name: 'ok', wait: { seconds: 5 } }] }), 10, { windows })
    assert.equal(phases(world), 'a:Pending')
    assert.match(statusOf(world).waitingFor ?? '', /which opens at 2026-03-02T12:00:00.000Z/)
    world.now += 2 * 3600 * 1000
    world.settle(10)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
  })

  it('keeps since when it waits while the reason stays', () => {
    const world = begin('a', all({ before: [{ name: 'ok', approval: {} }] }), 5)
    const { waitingFor, waitingSince } = statusOf(world)
    assert.match(waitingFor ?? '', /approval ok \(0 of 1\)/)
    world.settle(20)
    assert.equal(statusOf(world).waitingSince, waitingSince)
    world.approve('Rejected', 'sets-of-v2')
    world.settle(1)
    assert.notEqual(statusOf(world).waitingSince, waitingSince)
  })

  it('says of a target that came later that it has no part in it', () => {
    const world = begin('a', all({ before: [{ name: 'ok', approval: {} }] }), 5)
    world.placed.push('z/shop')
    world.settle(1)
    assert.deepEqual(statusOf(world).left, [at('z')])
    assert.equal(statusOf(world).targets?.length, 1)
  })
})

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
    holds(world)
  })

  it('takes nothing back by itself past a migration that cannot be taken back', () => {
    const forGood = { name: 'migrate', job: { template, migration: { reversible: false } } }
    for (const policy of ['RollbackStage', 'RollbackTarget']) {
      const world = broken(two(policy, { before: [forGood] }))
      assert.equal(digests(world), 'v2 v2 v1')
      assert.deepEqual(end(world), ['Paused', 'StageFailed'])
      assert.match(statusOf(world).message ?? '', /the migration migrate cannot be taken back/)
    }
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

describe('reconcileRollout: steps', () => {
  it('pauses when a step of a stage failed; a retry runs it under the next attempt', () => {
    const world = begin('a', all({ before: [{ name: 'prepare', job }] }))
    world.steps.behaviours.set('prepare', 'fail')
    world.settle(10)
    assert.deepEqual(end(world), ['Paused', 'StepFailed'])
    askAsPerson(world, 'run', 'resume')
    world.settle(3)
    assert.deepEqual(end(world), ['Paused', 'StepFailed'])
    world.steps.behaviours.clear()
    askFor(world, 'run', { retry: { stage: 'all' } })
    world.settle(15)
    assert.deepEqual(runs(world), ['all/-/-/before/prepare/0', 'all/-/-/before/prepare/1'])
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
    holds(world)
  })

  it('does each thing that a person asked for once', () => {
    const world = begin('a', all({ before: [{ name: 'prepare', job }] }))
    world.steps.behaviours.set('prepare', 'fail')
    world.settle(10)
    askFor(world, 'run', { retry: { stage: 'all' } })
    world.settle(20)
    assert.equal(runs(world).length, 2)
    assert.equal(statusOf(world).seen?.ids.length, 1)
  })

  it('stops a step that does not end in its time', () => {
    const world = begin('a', all({ before: [{ name: 'prepare', job, timeoutSeconds: 30 }] }))
    world.steps.behaviours.set('prepare', 'hang')
    world.settle(20)
    assert.deepEqual(end(world), ['Paused', 'StepFailed'])
    assert.match(statusOf(world).message ?? '', /did not end within 30 s/)
    assert.ok(world.effects.some(({ kind }) => kind === 'CancelStep'))
  })

  it('lets an approval take the time of its stage, whatever the timeout of steps is', () => {
    const world = begin('a', all({ before: [{ name: 'ok', approval: {}, timeoutSeconds: 10 }] }), 60)
    assert.deepEqual(end(world), ['Running', undefined])
  })

  it('stops for a person where nobody knows how a step ended, and heeds what they found', () => {
    for (const outcome of ['Succeeded', 'Failed'] as const) {
      const world = begin('ab', all({ each: { before: [migration] }, maxConcurrency: 1 }))
      world.steps.behaviours.set('migrate', 'uncertain')
      world.settle(10)
      assert.deepEqual(end(world), ['Paused', 'StepUncertain'])
      assert.equal(phases(world), 'a:PreHooks b:Pending')
      // trying again what may have run is no answer
      askFor(world, 'run', { retry: { target: at('a') } })
      world.settle(5)
      assert.equal(runs(world).length, 1)
      world.steps.behaviours.clear()
      askFor(world, 'run', { resolve: { step: { stage: 'all', target: at('a'), step: 'migrate' }, outcome } })
      world.settle(30)
      assert.deepEqual(end(world), ['Succeeded', 'Done'])
      assert.equal(runs(world).filter((key) => key.includes('/a/')).length, outcome === 'Succeeded' ? 1 : 2)
      const told = world.effects.find((effect) => effect.kind === 'ResolveStep')
      assert.equal(told?.outcome, outcome)
      holds(world)
    }
  })

  it('skips a step that hangs: stops it first, then goes on', () => {
    const world = begin('a', all({ before: [{ name: 'prepare', job }] }))
    world.steps.behaviours.set('prepare', 'hang')
    world.settle(5)
    askFor(world, 'run', { skip: { step: { stage: 'all', step: 'prepare' } } })
    world.settle(15)
    const kinds = world.effects.map(({ kind }) => kind)
    assert.ok(kinds.indexOf('CancelStep') < kinds.indexOf('WriteDelivery'))
    assert.equal(statusOf(world).stages?.[0]?.steps?.[0]?.phase, 'Skipped')
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
  })

  it('goes past a step that a person skipped ahead', () => {
    const world = begin('a', all({ before: [{ name: 'ok', approval: {} }], after: [{ name: 'later', job }] }), 5)
    askFor(world, 'run', { skip: { step: { stage: 'all', step: 'later' } } })
    world.approve('Approved', 'sets-of-v2')
    world.settle(10)
    assert.deepEqual(runs(world), [])
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
  })

  it('a target that failed by a step goes on when that step is skipped', () => {
    const world = begin('a', all({ each: { after: [smoke] } }))
    world.steps.behaviours.set('smoke', 'fail')
    world.settle(10)
    assert.equal(phases(world), 'a:Failed')
    askFor(world, 'run', { skip: { step: { stage: 'all', target: at('a'), step: 'smoke' } } })
    world.settle(10)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
  })

  it('lets go of every step whose end is recorded, also after a kill in between', () => {
    const world = begin('a', all({ before: [{ name: 'prepare', job }] }))
    world.settle(4)
    for (let kills = 0; kills < 6; kills++) {
      world.killIn = { writes: 2, after: false }
      world.pass()
      world.tick()
    }
    world.killIn = undefined
    world.settle(20)
    assert.ok(world.effects.some((effect) => effect.kind === 'LetGoStep' && effect.outcome === 'Succeeded'))
    assert.equal(statusOf(world).stages?.[0]?.steps?.[0]?.held, undefined)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
  })
})

describe('reconcileRollout: people', () => {
  it('begins nothing while it is paused by hand, lets go on what runs, and goes on where it was', () => {
    const world = begin('ab', all({ maxConcurrency: 1, each: { after: [smoke] } }), 4)
    askAsPerson(world, 'run', 'pause')
    const before = world.effects.length
    world.settle(20)
    const since = world.effects.slice(before).map(({ kind }) => kind)
    assert.ok(!since.includes('WriteDelivery') && !since.includes('BeginStep'), since.join())
    assert.deepEqual(end(world), ['Paused', 'ByHand'])
    askAsPerson(world, 'run', 'unpause')
    world.settle(30)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
  })

  it('lets what runs end when it is aborted, and begins nothing more', () => {
    const world = begin(
      'ab',
      all({
        before: [
          { name: 'prepare', job },
          { name: 'more', job },
        ],
      }),
    )
    world.steps.behaviours.set('prepare', 'hang')
    world.settle(5)
    askAsPerson(world, 'run', 'abort')
    world.settle(5)
    assert.deepEqual(end(world), ['Running', 'Aborting'])
    world.steps.behaviours.clear()
    world.settle(5)
    assert.deepEqual(end(world), ['Aborted', 'Aborted'])
    assert.deepEqual(runs(world), ['all/-/-/before/prepare/0'])
    assert.equal(digests(world), 'v1 v1')
    holds(world)
  })

  it('ends an abort although a cluster with a step is lost, when a person goes past the step', () => {
    const world = begin('a', all({ each: { before: [migration] } }))
    world.steps.behaviours.set('migrate', 'hang')
    world.settle(5)
    world.lose('a')
    askAsPerson(world, 'run', 'abort')
    world.settle(5)
    assert.match(statusOf(world).waitingFor ?? '', /cannot be seen/)
    askFor(world, 'run', { skip: { target: at('a') } })
    world.settle(3)
    assert.deepEqual(end(world), ['Aborted', 'Aborted'])
    assert.equal(statusOf(world).targets?.[0]?.steps?.[0]?.held, true)
    world.lost.clear()
    world.settle(3)
    assert.equal(statusOf(world).targets?.[0]?.steps?.[0]?.held, undefined)
  })

  it('tries a failed target again: asks its Delivery anew, checks again, and does not repeat what prepared it', () => {
    const world = begin('a', all({ each: { before: [migration], after: [smoke] } }))
    world.behaviours.set('a/shop', 'refuses')
    world.settle(10)
    assert.equal(phases(world), 'a:Failed')
    world.behaviours.clear()
    askFor(world, 'run', { retry: { target: at('a') } })
    world.settle(10)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
    assert.deepEqual(runs(world), ['all/a/shop/before/migrate/0', 'all/a/shop/after/smoke/0'])
    const writes = world.effects.filter((effect) => effect.kind === 'WriteDelivery')
    assert.deepEqual(
      writes.map(({ syncRequest }) => syncRequest),
      [undefined, 'run-uid/1'],
    )
    assert.equal(world.deliveries.get('a/shop')?.status?.applied?.syncRequest, 'run-uid/1')
  })

  it('never runs a migration again that succeeded after the apply, when its target is tried again', () => {
    const world = begin('a', all({ each: { after: [migration, smoke] } }))
    world.steps.behaviours.set('smoke', 'fail')
    world.settle(10)
    world.steps.behaviours.clear()
    askFor(world, 'run', { retry: { target: at('a') } })
    world.settle(10)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
    assert.deepEqual(runs(world), [
      'all/a/shop/after/migrate/0',
      'all/a/shop/after/smoke/0',
      'all/a/shop/after/smoke/1',
    ])
    holds(world)
  })

  it('goes on past failed targets when it is resumed, pauses at the next, and pauses again when a retry fails', () => {
    const world = new RolloutWorld(['a', 'b', 'c'])
    for (const cluster of 'ab') world.behaviours.set(`${cluster}/shop`, 'refuses')
    world.start('run', planSpec({ stages: all({ maxConcurrency: 1 }) }))
    world.settle(10)
    assert.equal(phases(world), 'a:Failed b:Pending c:Pending')
    askAsPerson(world, 'run', 'resume')
    world.settle(10)
    assert.equal(phases(world), 'a:Failed b:Failed c:Pending')
    assert.deepEqual(end(world), ['Paused', 'StageFailed'])
    askAsPerson(world, 'run', 'resume')
    askFor(world, 'run', { retry: { target: at('a') } })
    world.settle(1)
    assert.notEqual(phases(world).split(' ')[0], 'a:Failed')
    world.settle(10)
    assert.deepEqual(end(world), ['Paused', 'StageFailed'])
    for (const cluster of ['a', 'b']) askFor(world, 'run', { skip: { target: at(cluster) } })
    world.settle(10)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
    assert.equal(phases(world), 'a:Skipped b:Skipped c:Succeeded')
  })

  it('is aborted when it is deleted, and lets go of everything before it goes', () => {
    const world = begin('a', all({ before: [{ name: 'prepare', job }] }))
    world.steps.behaviours.set('prepare', 'hang')
    world.settle(5)
    askAsPerson(world, 'run', 'delete')
    world.settle(3)
    assert.equal(world.get('run').metadata.finalizers?.length, 1)
    world.steps.behaviours.clear()
    world.settle(5)
    assert.deepEqual(end(world), ['Aborted', 'Deleted'])
    assert.deepEqual(world.get('run').metadata.finalizers, [])
  })

  it('can be aborted when its document is lost', () => {
    const world = begin('a', all({ soakSeconds: 600 }), 5)
    world.documents.clear()
    world.settle(2)
    assert.match(statusOf(world).waitingFor ?? '', /no longer stored/)
    askAsPerson(world, 'run', 'abort')
    world.settle(1)
    assert.deepEqual(end(world), ['Aborted', 'Aborted'])
  })
})

describe('reconcileRollout: several runs', () => {
  const slow = all({ before: [{ name: 'ok', approval: {} }] })

  it('queues behind a run that has the same target, and says behind which', () => {
    const world = begin('ab', slow, 5)
    world.start('next', planSpec({ stages: all() }), 'v3', {}, 'v2')
    world.settle(5)
    assert.deepEqual(end(world, 'next'), ['Pending', 'Queued'])
    assert.match(statusOf(world, 'next').waitingFor ?? '', /the rollout run to be done with a\/shop/)
    world.approve('Approved', 'sets-of-v2')
    world.settle(20)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
    assert.deepEqual(end(world, 'next'), ['Succeeded', 'Done'])
    assert.equal(digests(world), 'v3 v3')
    holds(world)
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
        before: [migration, { name: 'back', on: ['Rollback'], job }],
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
    assert.equal(world.deliveries.get('a/shop')?.status?.applied?.digest, 'v1')
    world.pass()
    assert.equal(phases(world), 'a:RollingBack')
  })
})
