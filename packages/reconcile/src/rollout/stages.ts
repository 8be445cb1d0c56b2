import {
  choosesCluster,
  type PlanSpec,
  type RolloutDocumentTarget,
  type Stage,
  type StepKind,
  type Step,
  kindOfStep,
  targetKey,
} from '@flotilla/model'
import type { StepListName } from './steps.ts'

/** A target as the selectors of a plan see it. */
export interface SelectableTarget {
  readonly cluster: string
  readonly namespace: string
  readonly environment?: string | undefined
  readonly labels: Readonly<Record<string, string>>
}

export interface StageTargets<Target> {
  readonly stage: Stage
  readonly targets: readonly Target[]
}

/** Which stage each target belongs to, the first that selects it, in the order in which they begin; `left`: no stage does. */
export function assignTargets<Target extends SelectableTarget>(
  plan: Pick<PlanSpec, 'stages'>,
  targets: readonly Target[],
): { readonly stages: readonly StageTargets<Target>[]; readonly left: readonly Target[] } {
  let left = [...targets]
  const stages = plan.stages.map((stage) => {
    const own = left.filter((target) => isSelected(stage, target))
    left = left.filter((target) => !own.includes(target))
    return { stage, targets: inOrder(stage, own) }
  })
  return { stages, left }
}

function isSelected({ targets: { clusters, environments } }: Stage, target: SelectableTarget): boolean {
  if (!choosesCluster(clusters, { name: target.cluster, labels: target.labels })) return false
  return environments === undefined || (target.environment !== undefined && environments.includes(target.environment))
}

function inOrder<Target extends SelectableTarget>({ order, targets: chosen }: Stage, targets: readonly Target[]) {
  const byName = targets.toSorted((a, b) => (targetKey(a) < targetKey(b) ? -1 : 1))
  if (order === 'Name') return byName
  // as the stage names its environments; those it does not name by their names, after them
  const named = chosen.environments ?? []
  const rank = ({ environment = '' }: Target): string => {
    const at = named.indexOf(environment)
    return `${String(at < 0 ? named.length : at).padStart(4, '0')}/${environment}`
  }
  return byName.toSorted((a, b) => rank(a).localeCompare(rank(b), 'en'))
}

/** The stages of a document with their targets, in the order in which they begin. */
export function stagesOf(document: {
  readonly plan: PlanSpec
  readonly targets: readonly RolloutDocumentTarget[]
}): StageTargets<RolloutDocumentTarget>[] {
  return document.plan.stages.map((stage) => ({
    stage,
    targets: document.targets.filter((target) => target.stage === stage.name),
  }))
}

export interface PlannedStep {
  readonly step: Step
  readonly kind: StepKind
  readonly list: StepListName
  /** In each of its targets, not once. */
  readonly each: boolean
  /** Path in the Plan, such as `spec.stages[0].each.before[1]`. */
  readonly field: string
}

/** Every step of a stage, with the path to it. */
export function stepsOfStage(stage: Stage, index: number): PlannedStep[] {
  const lists = [
    { steps: stage.before, list: 'before', each: false, path: 'before' },
    { steps: stage.after, list: 'after', each: false, path: 'after' },
    { steps: stage.each?.before, list: 'before', each: true, path: 'each.before' },
    { steps: stage.each?.after, list: 'after', each: true, path: 'each.after' },
  ] as const
  return lists.flatMap(({ steps = [], list, each, path }) =>
    steps.map((step, at) => ({
      step,
      kind: kindOfStep(step),
      list,
      each,
      field: `spec.stages[${index}].${path}[${at}]`,
    })),
  )
}
