import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { known, type PlanSpec } from '@flotilla/model'
import { reconcileRollout } from '../../reconcile-rollout.ts'
import type { ApprovalSight, RolloutObserved } from '../types.ts'
import { RolloutWorld } from './rollout-world.ts'
import { author, planSpec, start } from './scene.ts'
import { all, at, digests, job } from './story.ts'

/** A run whose engine is told something else than what is so. */
function lied(stages: ReturnType<typeof all>, lie: (observed: RolloutObserved) => RolloutObserved): RolloutWorld {
  const world = new RolloutWorld(['a'])
  world.engine = (question) => reconcileRollout({ ...question, observed: lie(question.observed) })
  world.steps.behaviours.set('prepare', 'hang')
  world.start('run', planSpec({ stages }))
  world.approve('Approved', 'sets-of-v2')
  world.settle(10)
  return world
}

const sight = (rest: Partial<ApprovalSight>): ApprovalSight => ({
  name: 'made-up',
  approver: 'flotilla:user:dora',
  userName: 'dora',
  roles: ['operator'],
  digest: 'sets-of-v2',
  decision: 'Approved',
  at: start,
  ...rest,
})
const withApproval =
  (rest: Partial<ApprovalSight>) =>
  (observed: RolloutObserved): RolloutObserved => ({
    ...observed,
    approvals: known([...(observed.approvals.known ? observed.approvals.value : []), sight(rest)]),
  })
const withPlan =
  (change: (plan: PlanSpec) => PlanSpec) =>
  (observed: RolloutObserved): RolloutObserved => {
    const { document } = observed
    if (!document.known || document.value === undefined) return observed
    const { value } = document
    return {
      ...observed,
      document: known({ ...value, document: { ...value.document, plan: change(value.document.plan) } }),
    }
  }
const withStages = (rest: object) =>
  withPlan((plan) => ({ ...plan, stages: plan.stages.map((stage) => ({ ...stage, ...rest })) }))

describe('what every history is held against finds an engine that', () => {
  const approval = (count: number) => ({ name: 'ok', approval: { count } })
  const prepare = { name: 'prepare', job }
  const table: readonly (readonly [string, ReturnType<typeof all>, Parameters<typeof lied>[1], RegExp])[] = [
    [
      'writes before a step of the stage is done',
      all({ before: [prepare] }),
      withStages({ before: [] }),
      /written before its step prepare was done/,
    ],
    [
      'writes before a step of the target is done',
      all({ each: { before: [prepare] } }),
      withStages({ each: undefined }),
      /written before its step prepare was done/,
    ],
    [
      'counts fewer approvals than a stage asks for',
      all({ before: [approval(2)] }),
      withPlan(() => planSpec({ stages: all({ before: [approval(1)] }) })),
      /written without the 2 approvals of ok/,
    ],
    [
      'counts fewer approvals than a target asks for',
      all({ each: { before: [approval(2)] } }),
      withPlan(() => planSpec({ stages: all({ each: { before: [approval(1)] } }) })),
      /a\/shop\/ok counts as approved, by too few/,
    ],
    ['counts who did not approve', all({ before: [approval(2)] }), withApproval({}), /without the 2 approvals/],
  ]
  for (const [what, stages, lie, violation] of table) {
    it(what, () => {
      const world = lied(stages, lie)
      assert.equal(digests(world), 'v2')
      assert.match(world.violations.join('\n'), violation)
    })
  }

  it('goes past an approval of an earlier stage of which no target is in the run', () => {
    const world = new RolloutWorld(['a', 'b'])
    const lie = withStages({ before: [] })
    world.engine = (question) => reconcileRollout({ ...question, observed: lie(question.observed) })
    const first = { name: 'first', targets: { clusters: { names: ['a'] } }, before: [approval(1)] }
    world.start('run', planSpec({ stages: [first, { name: 'rest' }] }), 'v2', { targets: [at('b')] })
    world.settle(10)
    assert.match(world.violations.join('\n'), /b\/shop was written past the approval ok of the earlier stage first/)
  })

  it('goes past a step that nobody skipped', () => {
    const world = new RolloutWorld(['a'])
    world.engine = (question) => {
      const decision = reconcileRollout(question)
      const stages = decision.status.stages?.map((stage) => ({
        ...stage,
        ...(stage.steps === undefined
          ? {}
          : { steps: stage.steps.map((record) => ({ ...record, phase: 'Skipped' as const })) }),
      }))
      return { ...decision, status: { ...decision.status, ...(stages === undefined ? {} : { stages }) } }
    }
    world.start('run', planSpec({ stages: all({ before: [approval(1)] }) }))
    world.settle(10)
    assert.match(world.violations.join('\n'), /written past its step ok, which nobody skipped/)
  })

  it('and says nothing of one that does right', () => {
    const world = lied(all({ before: [approval(2)] }), (observed) => observed)
    world.approve('Approved', 'sets-of-v2', author)
    world.approve('Approved', 'sets-of-other', 'flotilla:user:carol')
    world.settle(5)
    assert.equal(digests(world), 'v1')
    world.approve('Approved', 'sets-of-v2', 'flotilla:user:carol')
    world.settle(10)
    assert.equal(digests(world), 'v2')
    assert.deepEqual(world.violations, [])
  })
})
