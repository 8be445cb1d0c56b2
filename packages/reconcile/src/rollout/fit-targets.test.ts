import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { describe, it } from 'node:test'
import type { RolloutTarget, StepRecord } from '@flotilla/model'
import { fitTargets } from './fit-targets.ts'
import { RolloutWorld } from './testing/rollout-world.ts'
import { planSpec, start } from './testing/scene.ts'

const sample = (index: number) =>
  `${start} sample ${index}: 0.00${index}, which is below 0.05 (${'a query '.repeat(12)})`
const digest = `sha256:${'0'.repeat(64)}`

function target(
  index: number,
  steps: readonly Partial<StepRecord>[],
  rest: Partial<RolloutTarget> = {},
): RolloutTarget {
  return {
    cluster: `cluster-of-a-region-${index}`,
    namespace: 'shop-production',
    environment: 'production',
    delivery: `shop-production.cluster-of-a-region-${index}`,
    stage: 'everything',
    digest,
    before: digest,
    phase: 'Succeeded',
    attempt: 0,
    since: start,
    writtenAt: start,
    steps: steps.map((record, at) => ({
      name: `check-${at}`,
      phase: 'Succeeded',
      attempt: 0,
      since: start,
      endedAt: start,
      ...record,
    })),
    ...rest,
  }
}
const evidence = Array.from({ length: 20 }, (_, index) => sample(index))
const job = { cluster: 'cluster-of-a-region-1', namespace: 'shop-production', name: `run-check-${'0'.repeat(40)}` }
const many = (count: number, steps: readonly Partial<StepRecord>[], rest: Partial<RolloutTarget> = {}) =>
  Array.from({ length: count }, (_, index) => target(index, steps, rest))
const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value))

describe('fitTargets', () => {
  it('leaves all of it where it fits', () => {
    const targets = many(100, [{ evidence, job }])
    assert.deepEqual(fitTargets(targets), targets)
  })

  const heavy: readonly (readonly [string, RolloutTarget[]])[] = [
    ['two analyses in 500 targets', many(500, [{ evidence }, { evidence }])],
    ['two analyses and two Jobs in 1000 targets', many(1000, [{ evidence }, { evidence }, { job }, { job }])],
    [
      'a step that failed everywhere, at length',
      many(1000, [{ phase: 'Failed', message: 'x'.repeat(1024), evidence, job }], {
        phase: 'Failed',
        message: 'y'.repeat(1024),
      }),
    ],
    [
      '1000 targets whose clusters are lost',
      many(1000, [{ phase: 'Running', waitingFor: 'x'.repeat(512) }], {
        phase: 'PreHooks',
        waitingFor: 'z'.repeat(512),
      }),
    ],
  ]
  for (const [what, targets] of heavy)
    it(`keeps ${what} well within what an API server takes`, () => {
      assert.ok(bytes(targets) > 1_000_000)
      const fitting = fitTargets(targets)
      assert.ok(bytes(fitting) <= 1_100_000, `${bytes(fitting)} bytes`)
      assert.deepEqual(fitTargets(fitting), fitting, 'it holds still')
      assert.deepEqual(
        fitting.map(({ phase, steps }) => [phase, steps?.map((step) => step.phase)]),
        targets.map(({ phase, steps }) => [phase, steps?.map((step) => step.phase)]),
      )
    })

  it('keeps who approved, and what a step that runs goes on from', () => {
    const approved = ['approved by bob at 2026-03-02T10:00:00.000Z', 'approved by carol at 2026-03-02T10:00:01.000Z']
    const others = many(999, [{ evidence }, { evidence }, { evidence }])
    const [own] = fitTargets([target(0, [{ evidence: approved }, { phase: 'Running', evidence }]), ...others])
    assert.deepEqual(own?.steps?.[0]?.evidence, approved)
    assert.deepEqual(own?.steps?.[1]?.evidence, evidence)
  })
})

describe('a run of 600 targets with analyses', () => {
  it('has a status that an API server takes, from its start to its end', { timeout: 120_000 }, () => {
    const world = new RolloutWorld(Array.from({ length: 600 }, (_, index) => `c${index}`))
    const analysis = { http: { url: 'http://shop/health' }, samples: 10, intervalSeconds: 5 }
    const after = ['one', 'two'].map((name) => ({ name, analysis }))
    const see = world.steps.see.bind(world.steps)
    world.steps.see = (step, lost) => {
      const sight = see(step, lost)
      return sight.known && sight.value.state === 'succeeded'
        ? { ...sight, value: { ...sight.value, evidence } }
        : sight
    }
    world.start('run', planSpec({ stages: [{ name: 'all', maxConcurrency: 600, each: { after } }] }))
    for (let round = 0; round < 20 && !world.isEnded('run'); round++) {
      world.pass()
      world.tick()
      assert.ok(bytes(world.get('run').status ?? {}) < 1_300_000)
    }
    assert.equal(world.get('run').status?.phase, 'Succeeded')
  })
})
