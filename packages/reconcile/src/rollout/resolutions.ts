import type { RolloutControl, StepRecord } from '@flotilla/model'
import type { Heeded } from './control.ts'
import { clip, isInHand, type Progress, type Run } from './run.ts'
import { changeRecords, computeStepInHand, endStep, runsOutside, type StepContext } from './steps.ts'
import { isNamed } from './refs.ts'

type Resolution = RolloutControl['resolutions'][number]

/** A person says how a step ended that nobody could tell of. While it is seen to run, its own end is waited for. */
export function heedResolution(run: Run, before: Progress, asked: Resolution): Heeded {
  let done = true
  const progress = changeRecords(run, before, (record, context) => {
    if (!isNamed(asked.step, context) || record.again === true) return record
    const open = record.phase === 'Uncertain' || (isInHand(record) && runsOutside(context.step))
    if (!open) return record
    if (record.phase !== 'Uncertain' && isSeen(context, record)) {
      done = false
      return record
    }
    const message = clip(`${asked.by} said so: ${asked.reason}`, 1024)
    return { ...endStep(context, record, asked.outcome, { message }), resolution: asked.id }
  })
  return { progress, done }
}

export function isSeen(context: StepContext, record: StepRecord): boolean {
  const sight = context.run.observed.steps.get(computeStepInHand(context, record)?.key ?? '')
  return sight?.known === true
}
