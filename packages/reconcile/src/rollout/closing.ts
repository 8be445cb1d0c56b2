import type { RolloutTarget, StepRecord } from '@flotilla/model'
import {
  changeTargets,
  hasStepInHand,
  isDone,
  isInHand,
  isPassed,
  type Progress,
  type Run,
  stageStatus,
  toStage,
  toTarget,
} from './run.ts'
import { changeRecords, endStep, isKnownAbsent, runsOutside, type StepContext } from './steps.ts'

/** Nothing more begins, and what runs is let end. `spare`: targets that still have something to do. */
export function closeDown(
  run: Run,
  before: Progress,
  why: string,
  spare: (target: RolloutTarget) => boolean = () => false,
): Progress {
  const closed = changeRecords(run, before, (record, context) =>
    isInHand(record) && !mayRun(context, record) ? endStep(context, record, 'Skipped', { message: why }) : record,
  )
  const targets = changeTargets(closed, (target) => {
    const stage = stageStatus(closed, target.stage)
    if (isDone(target) || spare(target) || hasStepInHand(target)) return target
    if (stage !== undefined && hasStepInHand(stage)) return target
    const was = target.writtenAt === undefined ? '' : ` It was ${target.phase}; its Delivery keeps what was written.`
    return toTarget(target, 'Skipped', run.now, `${why}${was}`)
  })
  return targets
}

/** Stages in which nothing happens any more. */
export function closeStages(run: Run, progress: Progress, why: string): Progress {
  return {
    ...progress,
    stages: progress.stages.map((stage) =>
      stage.phase === 'Pending' || isPassed(stage) || hasStepInHand(stage)
        ? stage
        : toStage(stage, 'Failed', run.now, stage.message ?? why),
    ),
  }
}

/** Something of it may be at work. What is only decided here is not, nor what is known to be absent. */
function mayRun(context: StepContext, record: StepRecord): boolean {
  return runsOutside(context.step) && !isKnownAbsent(context, record)
}

export function isAnythingInHand({ stages, targets }: Progress): boolean {
  return stages.some((stage) => hasStepInHand(stage)) || targets.some((target) => hasStepInHand(target))
}
