import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { askAsPerson, askFor } from './testing/events.ts'
import { RolloutWorld } from './testing/rollout-world.ts'
import { author, planSpec } from './testing/scene.ts'
import {
  at,
  digests,
  end,
  holds,
  job,
  migration,
  phases,
  runs,
  type Stages,
  stagePhases,
  statusOf,
} from './testing/story.ts'

const go = { name: 'go', approval: {} }
const only = (cluster: string, rest: object = {}) => ({
  name: cluster,
  targets: { clusters: { names: [cluster] } },
  ...rest,
})
const rest = (more: object = {}) => ({ name: 'rest', ...more })
const stages = (...all: object[]): Stages => all as Stages

/** A run over `a`, `b` ... of which it has some. */
function start(clusters: string, all: Stages, targets?: string): RolloutWorld {
  const world = new RolloutWorld(clusters.split(''))
  world.start(
    'run',
    planSpec({ stages: all }),
    'v2',
    targets === undefined ? {} : { targets: targets.split('').map(at) },
  )
  return world
}
const stepOf = (world: RolloutWorld, stage: string, step = 'go') =>
  statusOf(world)
    .stages?.find(({ name }) => name === stage)
    ?.steps?.find(({ name }) => name === step)?.phase

describe('an approval of a stage none of whose targets changes', () => {
  const lists: [string, Stages][] = [
    ['before', stages(only('a', { before: [go] }), rest())],
    ['after', stages(only('a', { after: [go] }), rest())],
  ]
  for (const [list, all] of lists)
    it(`in ${list} is waited for by a run of later targets alone`, () => {
      const world = start('abc', all, 'bc')
      world.settle(20)
      const { waitingFor, awaits, conditions } = statusOf(world)
      assert.equal(digests(world), 'v1 v1 v1')
      assert.equal(awaits, 'Approval')
      assert.equal(conditions?.find(({ type }) => type === 'Waiting')?.status, 'True')
      assert.match(waitingFor ?? '', /^stage a, of which no target changes in this run: approval go \(0 of 1\)/)
      world.approve('Approved', 'sets-of-v2', author)
      world.settle(5)
      assert.equal(digests(world), 'v1 v1 v1')
      world.approve('Approved', 'sets-of-v2')
      world.settle(20)
      assert.deepEqual(end(world), ['Succeeded', 'Done'])
      assert.equal(digests(world), 'v1 v2 v2')
      holds(world)
    })

  it('is waited for when its only target is skipped before it is asked, and while it waits', () => {
    for (const rounds of [4, 30]) {
      const world = start('abc', stages(only('a', { soakSeconds: 60 }), only('b', { before: [go] }), rest()))
      world.settle(rounds)
      assert.equal(stepOf(world, 'b'), rounds === 4 ? undefined : 'Running')
      askFor(world, 'run', { skip: { target: at('b') } })
      world.settle(40)
      assert.equal(phases(world), 'a:Succeeded b:Skipped c:Pending')
      assert.equal(stepOf(world, 'b'), 'Running')
      assert.equal(digests(world), 'v2 v1 v1')
      world.approve('Approved', 'sets-of-v2')
      world.settle(20)
      assert.deepEqual(end(world), ['Succeeded', 'Done'])
      assert.equal(digests(world), 'v2 v1 v2')
      holds(world)
    }
  })

  it('is waited for when another run takes its only target meanwhile', () => {
    const world = start('abc', stages(only('a', { before: [go] }), rest()))
    world.settle(10)
    assert.equal(stepOf(world, 'a'), 'Running')
    world.start('other', planSpec({ stages: stages(rest()), whenBusy: 'Replace' }), 'v2', { targets: [at('a')] })
    world.settle(20)
    assert.deepEqual(end(world, 'other'), ['Succeeded', 'Done'])
    assert.equal(phases(world), 'a:Skipped b:Pending c:Pending')
    assert.equal(digests(world), 'v2 v1 v1')
    world.approve('Approved', 'sets-of-v2')
    world.settle(20)
    assert.equal(digests(world), 'v2 v2 v2')
    holds(world)
  })

  it('that is rejected is not gone past by resuming, nor by skipping it', () => {
    const world = start('ab', stages(only('a', { before: [go] }), rest()), 'b')
    world.approve('Rejected', 'sets-of-v2')
    world.settle(5)
    assert.deepEqual(end(world), ['Paused', 'ApprovalRejected'])
    askAsPerson(world, 'run', 'resume')
    askFor(world, 'run', { skip: { step: { stage: 'a', step: 'go' } } })
    world.settle(5)
    assert.equal(digests(world), 'v1 v1')
    world.approvals.length = 0
    world.approve('Approved', 'sets-of-v2')
    askFor(world, 'run', { retry: {} })
    world.settle(20)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
    holds(world)
  })

  it('has the time of its stage', () => {
    const world = start('ab', stages(only('a', { before: [go], deadlineSeconds: 60 }), rest()), 'b')
    world.settle(20)
    assert.deepEqual(end(world), ['Paused', 'StageDeadline'])
    askAsPerson(world, 'run', 'resume')
    world.approve('Approved', 'sets-of-v2')
    world.settle(20)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
    holds(world)
  })

  it('is not asked where nothing comes after it', () => {
    const world = start(
      'abc',
      stages(
        only('a'),
        only('b', { before: [go], after: [{ ...go, name: 'well' }] }),
        rest({ before: [{ ...go, name: 'all' }] }),
      ),
      'a',
    )
    world.settle(20)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
    holds(world)
  })

  it('ends when nothing is left for it', () => {
    const world = start('ab', stages(only('a', { before: [go] }), rest()))
    world.settle(5)
    for (const cluster of ['a', 'b']) askFor(world, 'run', { skip: { target: at(cluster) } })
    world.settle(5)
    assert.equal(stepOf(world, 'a'), 'Skipped')
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
    assert.equal(digests(world), 'v1 v1')
    holds(world)
  })

  it('is all that is left of its stage', () => {
    const well = { name: 'well', test: { job } }
    const world = start(
      'ab',
      stages(
        only('a', { before: [migration, go], after: [well, { name: 'breathe', wait: { seconds: 9000 } }] }),
        rest(),
      ),
      'b',
    )
    world.approve('Approved', 'sets-of-v2')
    world.settle(20)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
    assert.deepEqual(runs(world), [])
    holds(world)
  })

  it('is not asked on a way back', () => {
    const back = { ...go, during: ['Release', 'Rollback'] }
    const all = stages(only('a', { before: [back] }), rest())
    const world = start('ab', all)
    world.approve('Approved', 'sets-of-v2')
    world.settle(20)
    world.start('back', planSpec({ stages: all }), 'v2', {
      rollback: { of: 'run' },
      targets: [at('b')],
      reason: 'lost',
    })
    world.settle(20)
    assert.deepEqual(end(world, 'back'), ['RolledBack', 'Done'])
    assert.equal(digests(world), 'v2 v1')
    holds(world)
  })
})

describe('a target that left its application', () => {
  const smoke = { name: 'smoke', test: { job } }
  function leave(all: Stages, { clusters = 'ab', takesAway = true } = {}): RolloutWorld {
    const world = new RolloutWorld(clusters.split(''))
    world.leaving.add('a')
    world.takesAway = takesAway
    world.start('run', planSpec({ stages: all }))
    return world
  }
  const all = (more: object): Stages => stages({ name: 'all', maxConcurrency: 2, ...more })

  for (const takesAway of [true, false])
    it(`is done when it is emptied, without steps or a soak${takesAway ? ', also when its Delivery goes' : ''}`, () => {
      const world = leave(all({ soakSeconds: 600, each: { before: [{ name: 'prepare', job }], after: [smoke] } }), {
        takesAway,
      })
      world.settle(10)
      assert.equal(phases(world), 'a:Succeeded b:Soaking')
      assert.equal(digests(world), takesAway ? '- v2' : 'v2-empty v2')
      world.settle(200)
      assert.deepEqual(end(world), ['Succeeded', 'Done'])
      assert.deepEqual(runs(world), ['all/b/shop/before/prepare/0', 'all/b/shop/after/smoke/0'])
      holds(world)
    })

  it('is not where a step of its stage runs', () => {
    const world = leave(all({ before: [migration], after: [smoke] }))
    world.settle(20)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
    assert.deepEqual(
      [...world.steps.runs.values()].map(({ step }) => step.place.cluster),
      ['b', 'b'],
    )
    holds(world)
  })

  it('keeps jobs, tests and analyses of a stage from running that has no other target', () => {
    const world = leave(
      stages(only('a', { before: [migration], after: [smoke] }), rest({ before: [{ ...migration, name: 'other' }] })),
    )
    world.settle(20)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
    assert.equal(stagePhases(world), 'a:Succeeded rest:Succeeded')
    assert.deepEqual(runs(world), ['rest/-/-/before/other/0'])
    holds(world)
  })

  it('is not emptied before those approved it whom its stage asks', () => {
    const world = leave(all({ each: { before: [go], after: [{ ...go, name: 'well' }] } }))
    world.settle(10)
    assert.equal(digests(world), 'v1 v1')
    world.approve('Approved', 'sets-of-v2')
    world.settle(20)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
    holds(world)
  })

  it('gets again what it had when its stage goes back', () => {
    const world = leave(all({ onFailure: 'RollbackStage' }))
    world.behaviours.set('b/shop', 'refuses')
    world.settle(30)
    assert.deepEqual(end(world), ['Failed', 'StageRolledBack'])
    assert.equal(phases(world), 'a:RolledBack b:RolledBack')
    assert.equal(digests(world), 'v1 v1')
    holds(world)
  })
})

describe('a rollback', () => {
  it('does not soak', () => {
    const all = stages(only('a', { soakSeconds: 1800 }), rest())
    const world = start('ab', all)
    world.settle(100, 20)
    assert.deepEqual(end(world), ['Succeeded', 'Done'])
    world.start('back', planSpec({ stages: all }), 'v2', { rollback: { of: 'run' }, reason: 'lost' })
    world.settle(12)
    assert.deepEqual(end(world, 'back'), ['RolledBack', 'Done'])
    assert.equal(digests(world), 'v1 v1')
    holds(world)
  })
})
