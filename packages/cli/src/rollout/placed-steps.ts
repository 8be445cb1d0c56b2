import type { RolloutDetail, RolloutStageView, RolloutTargetView, StepView } from '@flotilla/api'
import { UsageError } from '../exit.ts'
import { matchTarget } from '../parse-target.ts'

/** A step and where it stands: of a stage, or of one of its targets. */
export interface PlacedStep {
  readonly stage: RolloutStageView
  readonly target: RolloutTargetView | undefined
  readonly step: StepView
}

/** All steps of a run, in the order of its stages. */
export function placedSteps({ stages }: Pick<RolloutDetail, 'stages'>): PlacedStep[] {
  return stages.flatMap((stage) => {
    const ofStage = (list: StepView['list']) =>
      stage.steps.filter((step) => step.list === list).map((step) => ({ stage, target: undefined, step }))
    const ofTargets = stage.targets.flatMap((target) => target.steps.map((step) => ({ stage, target, step })))
    return [...ofStage('before'), ...ofTargets, ...ofStage('after')]
  })
}

export interface StepWords {
  readonly stage?: string | undefined
  readonly step: string
  /** CLUSTER or CLUSTER/NAMESPACE. */
  readonly target?: string | undefined
}

/** The one step that is meant; what is not said may be left out where it is the only one. */
export function findStep(detail: RolloutDetail, { stage, step, target }: StepWords): PlacedStep {
  const stages = detail.stages.filter((one) => stage === undefined || one.name === stage)
  if (stages.length === 0)
    throw new UsageError(`there is no stage ${stage}; there are: ${detail.stages.map(({ name }) => name).join(', ')}`)
  const known = placedSteps({ stages })
  const named = known.filter((one) => one.step.name === step)
  if (named.length === 0)
    throw new UsageError(
      `there is no step ${step}${stage === undefined ? '' : ` in stage ${stage}`}; there are: ${[...new Set(known.map((one) => one.step.name))].join(', ') || 'none'}`,
    )
  const found = target === undefined ? ofStages(named) : inTarget(named, target)
  const [only, another] = found
  if (only === undefined) throw new UsageError(`${step} is a step of the stage, not of targets; leave --target out`)
  if (another !== undefined)
    throw new UsageError(
      `there are several: ${found.slice(0, 5).map(placeText).join(', ')}; say ${only.target === undefined || only.stage !== another.stage ? '--stage' : '--target'}`,
    )
  return only
}

/** Where no target is said, a step of the stage itself goes before one of its targets under the same name. */
function ofStages(steps: readonly PlacedStep[]): readonly PlacedStep[] {
  const own = steps.filter((one) => one.target === undefined)
  return own.length === 0 ? steps : own
}

function inTarget(steps: readonly PlacedStep[], text: string): PlacedStep[] {
  const targets = steps.flatMap((one) => one.target ?? [])
  if (targets.length === 0) return []
  const target = matchTarget(targets, text)
  return steps.filter((one) => one.target === target)
}

/** `canary/smoke`, or `canary/smoke in west/shop`. */
export const placeText = ({ stage, target, step }: PlacedStep): string =>
  `${stage.name}/${step.name}${target === undefined ? '' : ` in ${target.cluster}/${target.namespace}`}`
