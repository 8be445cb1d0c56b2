import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { askAsPerson, askFor } from './rollout/testing/events.ts'
import {
  all,
  at,
  begin,
  digests,
  end,
  holds,
  job,
  migration,
  phases,
  runs,
  smoke,
  statusOf,
} from './rollout/testing/story.ts'

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
