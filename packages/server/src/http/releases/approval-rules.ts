import type { ApprovalStep, PlanSpec, Release, Rollout, RolloutDocument } from '@flotilla/model'
import { stepsOfStage } from '@flotilla/reconcile'
import type { HostState } from '../../fleet/host-state.ts'

/** An approval step that somebody's word about a release may be for. */
export interface ApprovalRule {
  /** Absent: of a plan that no rollout of the release goes by yet. */
  readonly rollout: string | undefined
  readonly stage: string
  readonly step: string
  readonly rule: ApprovalStep
}

export interface RuleSources {
  readonly state: Pick<HostState, 'plans'>
  readonly release: Release
  /** The newest of it, or the one that is meant. */
  readonly rollout: Rollout | undefined
  /** Of that rollout, as far as it is known. */
  readonly document: RolloutDocument | undefined
}

/** What its rollout goes by; where none is under way, what any plan of the project would ask for. */
export function approvalRules({ state, release, rollout, document }: RuleSources): ApprovalRule[] {
  const { namespace } = release.metadata
  const plan = document?.plan ?? (rollout && state.plans.get(namespace ?? '', rollout.spec.plan)?.spec)
  const action = rollout?.spec.rollback === undefined ? 'Release' : 'Rollback'
  const own = plan === undefined ? [] : rulesOf(plan, action, rollout?.metadata.name)
  if (rollout !== undefined && rollout.status?.endedAt === undefined) return own
  return [...own, ...state.plans.list(namespace).flatMap(({ spec }) => rulesOf(spec, 'Release', undefined))]
}

const rulesOf = (plan: PlanSpec, action: 'Release' | 'Rollback', rollout: string | undefined): ApprovalRule[] =>
  plan.stages.flatMap((stage, index) =>
    stepsOfStage(stage, index).flatMap(({ step }) =>
      step.approval === undefined || !step.during.includes(action)
        ? []
        : [{ rollout, stage: stage.name, step: step.name, rule: step.approval }],
    ),
  )
