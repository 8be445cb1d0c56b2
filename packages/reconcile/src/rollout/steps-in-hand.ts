import type { Rollout, RolloutDocument } from '@flotilla/model'
import { unknown } from '@flotilla/model'
import { isInHand, openRun } from './run.ts'
import { computeStepInHand, eachRecord, runsOutside } from './steps.ts'
import type { RolloutObserved, StepInHand } from './types.ts'

const unseen = unknown('it is not looked at')
/** What is in hand follows from status and document alone. */
const nothing: RolloutObserved = {
  document: unseen,
  opening: unseen,
  deliveries: unseen,
  clusters: new Map(),
  steps: new Map(),
  released: new Set(),
  troubles: new Map(),
  approvals: unseen,
  others: unseen,
  placed: unseen,
}

/** Steps of a run that are recorded as begun and not ended: what is to be seen of each goes into `observed.steps`. */
export function computeStepsInHand(object: Rollout, document: RolloutDocument): StepInHand[] {
  const { run, progress } = openRun(object, nothing, '', document)
  return [...eachRecord(run, progress)].flatMap(({ context, record }) => {
    const step = isInHand(record) && runsOutside(context.step) ? computeStepInHand(context, record) : undefined
    return step === undefined ? [] : [step]
  })
}
