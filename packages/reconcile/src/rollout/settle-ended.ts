import { finalizer, settled, unknown, waiting } from '@flotilla/model'
import { letGo } from './effects.ts'
import { lookAtStep } from './look-step.ts'
import { openRun } from './run.ts'
import { changeRecords, computeStepInHand, eachRecord } from './steps.ts'
import type { RolloutDecision, RolloutEffect, RolloutQuestion } from './types.ts'

/** A run that has ended says the same for ever. Steps whose end it records are still let go of; then it may be deleted. */
export function settleEnded({ object, observed, now }: RolloutQuestion): RolloutDecision {
  const { status = {}, metadata } = object
  const holds = [...(status.stages ?? []), ...(status.targets ?? [])].some(({ steps }) =>
    steps?.some(({ held }) => held === true),
  )
  const gone = metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes(finalizer) === true
  const free: RolloutEffect[] = gone ? [{ kind: 'RemoveFinalizer', key: `free/${metadata.uid ?? ''}` }] : []
  const objects = unknown('a rollout owns no objects')
  if (!holds) return { objects, effects: free, status, next: settled }
  const { document } = observed
  if (!document.known) return { objects, effects: [], status, next: waiting(5, 'its document') }
  // without it nobody can say what to let go of
  if (document.value === undefined) return { objects, effects: free, status, next: settled }
  const { run, progress } = openRun(object, observed, now, document.value.document)
  const after = changeRecords(run, progress, (record, context) => lookAtStep(context, record))
  const effects = [...eachRecord(run, after)].flatMap(({ context, record }) => {
    const step = computeStepInHand(context, record)
    return record.held === true && step !== undefined ? letGo(context, record, step) : []
  })
  return {
    objects,
    effects,
    status: { ...status, stages: [...after.stages], targets: [...after.targets] },
    next: effects.length === 0 ? waiting(0, 'a last look') : waiting(15, 'its steps to be let go of'),
  }
}
