import { type RolloutControl, type RolloutTarget, type StepRecord, type StepRef, targetKey } from '@flotilla/model'
import type { Heeded } from './control.ts'
import {
  changeStage,
  changeTargets,
  documentTarget,
  hasStepInHand,
  isDone,
  isInHand,
  type Progress,
  type Run,
  stageStatus,
  toTarget,
} from './run.ts'
import { isNamed } from './refs.ts'
import { isSeen } from './resolutions.ts'
import { changeRecords, endStep, findStep, runsOutside, type StepContext } from './steps.ts'

type Skip = RolloutControl['skips'][number]

/** Goes past a target or a step for a reason. What runs is asked to end first, where it can be seen. */
export function heedSkip(run: Run, before: Progress, asked: Skip): Heeded {
  const message = `${asked.by} skipped it: ${asked.reason}`
  if (asked.step !== undefined) return skipStep(run, before, asked.step, message)
  const { target } = asked
  if (target === undefined) return { progress: before, done: true }
  const key = targetKey(target)
  const stopped = changeRecords(run, before, (record, context) =>
    context.target !== undefined &&
    targetKey(context.target) === key &&
    (isInHand(record) || record.phase === 'Uncertain')
      ? stop(context, record, message)
      : record,
  )
  let done = true
  const progress = changeTargets(stopped, (one) => {
    if (targetKey(one) !== key || !isSkippable(one)) return one
    if (!hasStepInHand(one)) return toTarget(one, 'Skipped', run.now, message)
    done = false
    return one
  })
  return { progress, done }
}

const isSkippable = (target: RolloutTarget): boolean => target.phase === 'Failed' || !isDone(target)

function stop(context: StepContext, record: StepRecord, message: string): StepRecord {
  const runs = isInHand(record) && runsOutside(context.step) && isSeen(context, record)
  if (!runs) return endStep(context, record, 'Skipped', { message })
  return record.stopping?.as === 'Skipped' ? record : { ...record, stopping: { as: 'Skipped', message } }
}

function skipStep(run: Run, before: Progress, ref: StepRef, message: string): Heeded {
  const stage = run.stages.find(({ name }) => name === ref.stage)
  const status = stageStatus(before, ref.stage)
  const wanted = ref.target
  const target = wanted && before.targets.find((one) => targetKey(one) === targetKey(wanted))
  const place = target && documentTarget(run, target)
  const nothing: Heeded = { progress: before, done: true }
  if (stage === undefined || status === undefined || (wanted !== undefined && place === undefined)) return nothing
  const context = findStep(run, stage, place, ref.step)
  // an approval is given, not skipped, whoever asks and however
  if (context === undefined || context.step.approval !== undefined) return nothing
  const records = (wanted === undefined ? status.steps : target?.steps) ?? []
  if (!records.some(({ name }) => name === ref.step))
    return { progress: skipAhead(before, context, message), done: true }
  let open = false
  const stopped = changeRecords(run, before, (record, at) => {
    if (!isNamed(ref, at) || record.phase === 'Succeeded' || record.phase === 'Skipped') return record
    const { again: _again, ...rest } = record
    const next =
      isInHand(record) || record.phase === 'Uncertain'
        ? stop(at, rest, message)
        : endStep(at, rest, 'Skipped', { message })
    open = isInHand(next)
    return next
  })
  if (open || wanted === undefined) return { progress: stopped, done: !open }
  // a target that failed by this step goes on without it
  const failedByIt = records.some(({ name, phase }) => name === ref.step && phase === 'Failed')
  const progress = changeTargets(stopped, (one) =>
    failedByIt &&
    one === stopped.targets.find((other) => targetKey(other) === targetKey(wanted)) &&
    one.phase === 'Failed'
      ? goesOn(run, one)
      : one,
  )
  return { progress, done: true }
}

function goesOn(run: Run, target: RolloutTarget): RolloutTarget {
  const { passed: _passed, ...rest } = target
  return toTarget(rest, 'Pending', run.now)
}

/** One that has not begun is not begun. */
function skipAhead(before: Progress, { run, step, stage, target }: StepContext, message: string): Progress {
  const record: StepRecord = {
    name: step.name,
    phase: 'Skipped',
    attempt: 0,
    since: run.now,
    endedAt: run.now,
    message,
  }
  if (target === undefined)
    return changeStage(before, stage.name, (one) => ({ ...one, steps: [...(one.steps ?? []), record] }))
  return changeTargets(before, (one) =>
    targetKey(one) === targetKey(target) ? { ...one, steps: [...(one.steps ?? []), record] } : one,
  )
}
