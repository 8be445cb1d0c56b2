import { kindOfStep, type RolloutDocumentTarget, type Step, type StepKind, targetKey } from '@flotilla/model'
import {
  bringsNothing,
  documentTarget,
  isDone,
  isInHand,
  type Progress,
  type Run,
  type StagePlan,
  targetsOf,
} from './run.ts'
import { changeRecords, endStep, runsOutside, type StepContext, type StepListName, stepsOf } from './steps.ts'

/** Kinds that look at what a target runs, or run with its images: they have nothing to go by where nothing is to run. */
const ofContent: ReadonlySet<StepKind> = new Set(['job', 'test', 'analysis'])
const isApproval = (step: Step): boolean => kindOfStep(step) === 'approval'

/** None of its targets is to change: it was given none, or all of them away. */
export const isApart = (progress: Progress, { name }: { readonly name: string }): boolean =>
  targetsOf(progress, name).every(({ phase }) => phase === 'Skipped')

/** Steps of a list that are gone through as things stand: what would be checked or prepared may not be there. */
export function askedSteps(
  run: Run,
  progress: Progress,
  stage: StagePlan,
  target: RolloutDocumentTarget | undefined,
  list: StepListName,
): Step[] {
  const steps = stepsOf(run, stage, target, list)
  if (target !== undefined) {
    if (!bringsNothing(target.want)) return steps
    // whoever is asked before a target changes is asked before it is emptied too
    return list === 'before' ? steps.filter(isApproval) : []
  }
  if (isApart(progress, stage)) return holdsOthers(run, progress, stage) ? steps.filter(isApproval) : []
  const hasContent = targetsOf(progress, stage.name).some(
    (one) => one.phase !== 'Skipped' && !bringsNothing(documentTarget(run, one)?.want),
  )
  return hasContent ? steps : steps.filter((step) => !ofContent.has(kindOfStep(step)))
}

/** What goes forward passes no approval by leaving out the targets of its stage. A way back is to wait for as little as can be. */
function holdsOthers(run: Run, progress: Progress, stage: StagePlan): boolean {
  if (run.document.action === 'Rollback') return false
  const later = new Set(run.stages.slice(run.stages.indexOf(stage) + 1).map(({ name }) => name))
  return progress.targets.some((target) => later.has(target.stage) && !isDone(target))
}

/** Ends what is decided here and would wait for ever, such as an approval: nothing is left that it is for. */
export function endUnasked(run: Run, progress: Progress): Progress {
  return changeRecords(run, progress, (record, context) => {
    if (!isInHand(record) || runsOutside(context.step) || isAsked(progress, context)) return record
    return endStep(context, record, 'Skipped', { message: whyUnasked(progress, context) })
  })
}

function isAsked(progress: Progress, { run, stage, target, list, step }: StepContext): boolean {
  if (target !== undefined) return ownTargets(progress, { stage, target }).some(({ phase }) => phase !== 'Skipped')
  return askedSteps(run, progress, stage, undefined, list).includes(step)
}

function whyUnasked(progress: Progress, context: StepContext): string {
  const taker = ownTargets(progress, context).find(({ takenBy }) => takenBy !== undefined)?.takenBy
  return taker === undefined ? 'Nothing is left that it is for.' : `The rollout ${taker} takes its targets.`
}

function ownTargets(progress: Progress, { stage, target }: Pick<StepContext, 'stage' | 'target'>) {
  const own = targetsOf(progress, stage.name)
  return target === undefined ? own : own.filter((one) => targetKey(one) === targetKey(target))
}
