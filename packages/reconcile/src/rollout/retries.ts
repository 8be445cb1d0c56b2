import { type RolloutControl, type RolloutStage, type RolloutTarget, type StepRecord, targetKey } from '@flotilla/model'
import type { Heeded } from './control.ts'
import {
  changeTargets,
  isFailed,
  isInHand,
  later,
  type Progress,
  type Run,
  secondsSince,
  stageStatus,
  toTarget,
} from './run.ts'
import { changeRecords, isMigration, isOnceOnly, type StepContext } from './steps.ts'

type Retry = RolloutControl['retries'][number]

/**
 * Tries again what failed: a target, or all of a stage, or all of the run. What nobody knows the end of and could do harm
 * twice has to be resolved first; until then the retry stays asked for.
 */
export function retryTargets(run: Run, before: Progress, asked: Retry): Heeded {
  const meant = ({ target, stage }: StepContext): boolean =>
    asked.target === undefined
      ? asked.stage === undefined || asked.stage === stage.name
      : target !== undefined && targetKey(asked.target) === targetKey(target)
  const isMeant = (target: RolloutTarget): boolean =>
    asked.target === undefined
      ? asked.stage === undefined || asked.stage === target.stage
      : targetKey(asked.target) === targetKey(target)
  const retried = new Set(
    before.targets
      .filter((target) => isMeant(target) && isFailed(target) && !isGoingBack(before, target))
      .map(targetKey),
  )
  let done = true
  const steps = changeRecords(run, before, (record, context) => {
    if (!meant(context)) return record
    if (record.phase === 'Uncertain' && isOnceOnly(context.step)) {
      done = false
      return record
    }
    const tried = context.target !== undefined && retried.has(targetKey(context.target))
    return isTriedAgain(context, record, tried) ? { ...record, again: true } : record
  })
  const progress = changeTargets(steps, (target) => (retried.has(targetKey(target)) ? tryAgain(run, target) : target))
  const stages = new Set(progress.targets.filter((target) => retried.has(targetKey(target))).map(({ stage }) => stage))
  return { progress: extendDeadlines(run, progress, ({ name }) => stages.has(name)), done }
}

const isGoingBack = (progress: Progress, { stage }: RolloutTarget): boolean =>
  stageStatus(progress, stage)?.phase === 'RollingBack'

/** What ended badly; and in a target that is tried again, what checks the result. A migration that succeeded stays done. */
function isTriedAgain({ list, step }: StepContext, record: StepRecord, targetRetried: boolean): boolean {
  if (record.phase === 'Failed' || record.phase === 'Uncertain') return true
  return targetRetried && list === 'after' && !isInHand(record) && record.phase !== 'Skipped' && !isMigration(step)
}

function tryAgain(run: Run, target: RolloutTarget): RolloutTarget {
  const { passed: _passed, ...rest } = target
  return { ...toTarget(rest, 'Pending', run.now), attempt: target.attempt + 1 }
}

/** A person lets the run go on past all that failed so far. */
export function passFailures(progress: Progress): Progress {
  return changeTargets(progress, (target) =>
    isFailed(target) && target.passed !== true ? { ...target, passed: true } : target,
  )
}

/** A stage whose time is over gets as long again. */
export function extendDeadlines(
  run: Run,
  progress: Progress,
  which: (stage: RolloutStage) => boolean = () => true,
): Progress {
  const extend = (stage: RolloutStage): RolloutStage => {
    const seconds = run.stages.find(({ name }) => name === stage.name)?.spec.deadlineSeconds
    if (stage.deadlineAt === undefined || seconds === undefined || !which(stage)) return stage
    return secondsSince(stage.deadlineAt, run.now) < 0 ? stage : { ...stage, deadlineAt: later(run.now, seconds) }
  }
  return { ...progress, stages: progress.stages.map((stage) => extend(stage)) }
}
