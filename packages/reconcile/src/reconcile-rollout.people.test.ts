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
  migration,
  phases,
  runs,
  smoke,
  statusOf,
} from './rollout/testing/story.ts'

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

  it('writes nothing into a target that is skipped while a step of it runs', () => {
    for (const step of [{ name: 'call', webhook: { url: 'http://x/' } }, migration]) {
      const world = begin('a', all({ each: { before: [step] } }))
      world.steps.behaviours.set(step.name, 'hang')
      world.settle(5)
      askFor(world, 'run', { skip: { target: at('a') } })
      world.settle(10)
      assert.equal(phases(world), 'a:Skipped')
      assert.equal(digests(world), 'v1')
      assert.ok(!world.effects.some(({ kind }) => kind === 'WriteDelivery'))
    }
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
