import type { ReleaseDetail, RolloutDetail } from '@flotilla/api'
import { endedRun, isUnderWay } from './ended-run.ts'
import { type PlacedStep, type StepPlace, waitingApprovals, writePlace } from './step-place.ts'

/** What a yes or no is asked for. `over`: the step that was meant does not wait any more, and nothing else takes its place. */
export type AskedApproval =
  | { readonly of: 'step'; readonly step: PlacedStep; readonly run: RolloutDetail }
  | { readonly of: 'release' }
  | { readonly of: 'over' }

/** What was meant when the dialog was opened; it stays that, whatever begins or ends meanwhile. */
export interface MeantApproval {
  readonly run: string | undefined
  readonly place: StepPlace | undefined
}

/** Without a place the step that waits first is meant. */
export function meantApproval(run: RolloutDetail | undefined, place: StepPlace | undefined): MeantApproval {
  return { run: run?.name, place: place ?? waitingApprovals(run)[0]?.place }
}

/** Finds what was meant in the run as it is now. The whole release is approved only while nothing of it is under way. */
export function findApproval(
  { run: name, place }: MeantApproval,
  run: RolloutDetail | undefined,
  detail: Pick<ReleaseDetail, 'rollouts'>,
): AskedApproval {
  const runs = run !== undefined && !endedRun(run.phase)
  if (place === undefined) return runs || isUnderWay(detail) ? { of: 'over' } : { of: 'release' }
  if (!runs || run.name !== name) return { of: 'over' }
  const step = waitingApprovals(run).find((one) => writePlace(one.place) === writePlace(place))
  return step === undefined ? { of: 'over' } : { of: 'step', step, run }
}
