import { kindOfStep, type Rollout, type RolloutStage, type RolloutTarget, targetKey } from '@flotilla/model'
import { askedSteps } from './asked-steps.ts'
import { findIrreversible } from './find-irreversible.ts'
import {
  changeStage,
  changeTargets,
  hasStepInHand,
  isFailed,
  isPassed,
  type Progress,
  type Run,
  secondsSince,
  type StagePlan,
  stageStatus,
  targetsOf,
  toStage,
  toTarget,
} from './run.ts'
import { eachRecord } from './steps.ts'

/** Why a run stands still, and what a person can do about it. */
export interface Pause {
  readonly reason: 'ByHand' | 'StepUncertain' | 'StepFailed' | 'ApprovalRejected' | 'StageFailed' | 'StageDeadline'
  readonly message: string
  /** What is waited for, in few words. */
  readonly waitingFor: string
}

/** Targets and stages go back by themselves where the plan says so; where they cannot, the run pauses instead. */
export function rollBackByPolicy(run: Run, before: Progress): Progress {
  if (run.document.action === 'Rollback') return before
  let progress = before
  for (const stage of run.stages) {
    const { onFailure } = stage.spec
    const status = stageStatus(progress, stage.name)
    if (status === undefined || status.phase === 'Pending') continue
    if (onFailure === 'RollbackStage' && !isPassed(status)) {
      const begins =
        status.phase !== 'RollingBack' &&
        isBeyond(progress, stage) &&
        findIrreversible(run, progress, stage) === undefined
      if (begins) progress = beginRollingBack(run, progress, stage)
      if (begins || status.phase === 'RollingBack') progress = rollBackStage(run, progress, stage)
    } else if (onFailure !== 'Pause' && onFailure !== 'Continue') {
      const at = progress
      progress = changeTargets(at, (target) => rollBackTarget(run, at, stage, target))
    }
  }
  return progress
}

/** More of its targets failed than it may, and nobody let it go on past all of them. */
function isBeyond(progress: Progress, { name, spec }: StagePlan): boolean {
  const failed = targetsOf(progress, name).filter(isFailed)
  return failed.length > spec.maxFailures && failed.some(({ passed }) => passed !== true)
}

function beginRollingBack(run: Run, progress: Progress, stage: StagePlan): Progress {
  const failed = targetsOf(progress, stage.name).filter(isFailed)
  const why = `${failed.length} of its targets failed: ${failedText(failed)}`
  return changeStage(progress, stage.name, (status) => toStage(status, 'RollingBack', run.now, why))
}

/** Phases that a target of a stage that goes back keeps. */
const notGoingBack: ReadonlySet<RolloutTarget['phase']> = new Set([
  'Skipped',
  'RollingBack',
  'RolledBack',
  'RollbackFailed',
])

function rollBackStage(run: Run, progress: Progress, stage: StagePlan): Progress {
  return changeTargets(progress, (target) => {
    if (target.stage !== stage.name || target.writtenAt === undefined || notGoingBack.has(target.phase)) return target
    if (hasStepInHand(target)) return target
    return toTarget(target, 'RollingBack', run.now, target.message ?? `The stage ${stage.name} goes back.`)
  })
}

function rollBackTarget(run: Run, progress: Progress, stage: StagePlan, target: RolloutTarget): RolloutTarget {
  if (target.stage !== stage.name || target.phase !== 'Failed' || target.writtenAt === undefined) return target
  if (findIrreversible(run, progress, stage, target) !== undefined || hasStepInHand(target)) return target
  return toTarget(target, 'RollingBack', run.now, target.message)
}

/** Why nothing may begin now. It follows from what is there, so that it ends when its cause does. */
export function computePause(run: Run, progress: Progress): Pause | undefined {
  return (
    pauseByHand(run.object) ??
    pauseOfSteps(run, progress) ??
    pauseOfTargets(run, progress) ??
    pauseOfDeadline(run, progress)
  )
}

export function pauseByHand({ spec }: Rollout): Pause | undefined {
  const { paused } = spec.control
  if (paused === undefined) return undefined
  const why = paused.reason === undefined ? '' : ` (${paused.reason})`
  const waitingFor = 'a person to let it go on'
  return { reason: 'ByHand', message: `${paused.by} paused it${why}. Resume or abort it.`, waitingFor }
}

/** What programs say often lacks its full stop. */
const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)

function pauseOfSteps(run: Run, progress: Progress): Pause | undefined {
  let failed: Pause | undefined
  for (const { context, record } of eachRecord(run, progress)) {
    if (record.again === true) continue
    const { target, stage, step } = context
    const place = target === undefined ? `stage ${stage.name}` : `${targetKey(target)} (stage ${stage.name})`
    const said = record.message ?? 'no reason was given'
    if (record.phase === 'Uncertain') {
      const message = `Nobody knows how the step ${step.name} of ${place} ended: ${sentence(said)} Find out and resolve it, skip it, or abort.`
      return {
        reason: 'StepUncertain',
        message,
        waitingFor: `a person to say how the step ${step.name} of ${place} ended`,
      }
    }
    const status = stageStatus(progress, stage.name)
    if (record.phase !== 'Failed' || target !== undefined || status === undefined || isPassed(status)) continue
    if (status.phase === 'RollingBack') continue
    failed ??= kindOfStep(step) === 'approval' ? ofRejection(step.name, place, said) : ofFailure(step.name, place, said)
  }
  return failed
}

const ofFailure = (step: string, place: string, said: string): Pause => ({
  reason: 'StepFailed',
  message: `The step ${step} of ${place} failed: ${sentence(said)} Retry it, skip it with a reason, abort, or roll back.`,
  waitingFor: `a person to retry or skip the step ${step} of ${place}`,
})

/** An approval is given, not skipped. */
const ofRejection = (step: string, place: string, said: string): Pause => ({
  reason: 'ApprovalRejected',
  message: `The approval ${step} of ${place} was not given: ${sentence(said)} Abort, or roll back; nobody skips an approval.`,
  waitingFor: `a person to retry the approval ${step} of ${place}, or to abort`,
})

function pauseOfTargets(run: Run, progress: Progress): Pause | undefined {
  for (const stage of run.stages) {
    const status = stageStatus(progress, stage.name)
    if (status === undefined || status.phase === 'RollingBack' || status.phase === 'RolledBack') continue
    if (stage.spec.onFailure === 'Continue' || !isBeyond(progress, stage)) continue
    const failed = targetsOf(progress, stage.name).filter(isFailed)
    const migration = stage.spec.onFailure.startsWith('Rollback') ? findIrreversible(run, progress, stage) : undefined
    const stays =
      migration === undefined ? '' : ` It does not go back by itself: the migration ${migration} cannot be taken back.`
    const most = `${stage.spec.maxFailures === 0 ? 'none' : `at most ${stage.spec.maxFailures}`} may`
    const message = `Of stage ${stage.name}, ${failed.length} failed and ${most}: ${failedText(failed)}.${stays} Retry or skip them, resume to go on past them, abort, or roll back.`
    return { reason: 'StageFailed', message, waitingFor: `a person: targets of stage ${stage.name} failed` }
  }
  return undefined
}

function pauseOfDeadline(run: Run, progress: Progress): Pause | undefined {
  for (const status of progress.stages) {
    if (status.deadlineAt === undefined || isPassed(status) || status.phase === 'RollingBack') continue
    if (secondsSince(status.deadlineAt, run.now) < 0) continue
    const left = targetsOf(progress, status.name).filter((target) => !isFailed(target) && isLeftOver(target))
    // those that were late failed, and may have: there is nothing to wait for
    if (left.length === 0 && areStepsOver(run, progress, status)) continue
    const names = left.slice(0, 3).map((target) => `${targetKey(target)} (${target.waitingFor ?? target.phase})`)
    const what =
      names.length === 0 ? '' : ` Left: ${names.join('; ')}${left.length > 3 ? ` and ${left.length - 3} more` : ''}.`
    const message = `The time of stage ${status.name} was over at ${status.deadlineAt}.${what} Resume to give it as long again, skip what is left, abort, or roll back.`
    return { reason: 'StageDeadline', message, waitingFor: `a person: the time of stage ${status.name} is over` }
  }
  return undefined
}

function areStepsOver(run: Run, progress: Progress, { name, steps = [] }: RolloutStage): boolean {
  const stage = run.stages.find((one) => one.name === name)
  const asked = (['before', 'after'] as const).flatMap((list) =>
    stage === undefined ? [] : askedSteps(run, progress, stage, undefined, list),
  )
  return asked.every((step) =>
    steps.some((record) => record.name === step.name && (record.phase === 'Succeeded' || record.phase === 'Skipped')),
  )
}

const isLeftOver = ({ phase }: RolloutTarget): boolean =>
  phase !== 'Succeeded' && phase !== 'Skipped' && phase !== 'Deferred'

function failedText(failed: readonly RolloutTarget[]): string {
  const names = failed
    .slice(0, 3)
    .map((target) => `${targetKey(target)} (${(target.message ?? target.phase).slice(0, 200)})`)
  return `${names.join('; ')}${failed.length > 3 ? ` and ${failed.length - 3} more` : ''}`
}

/** The stage that goes back as a whole: the run ends with it. */
export const rollingBack = (progress: Progress): RolloutStage | undefined =>
  progress.stages.find(({ phase }) => phase === 'RollingBack' || phase === 'RolledBack')
