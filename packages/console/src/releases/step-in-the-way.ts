import type { RolloutDetail } from '@flotilla/api'
import { listSteps, type PlacedStep } from './step-place.ts'

export interface Obstacle {
  readonly reason: 'StepFailed' | 'ApprovalRejected' | 'StepUncertain'
  readonly step: PlacedStep
}

/** What a paused run cannot go on past, however often it is resumed: a person decides about the step first. */
export function findObstacle(run: Pick<RolloutDetail, 'phase' | 'reason' | 'stages'>): Obstacle | undefined {
  const { phase, reason } = run
  if (phase !== 'Paused') return undefined
  if (reason !== 'StepFailed' && reason !== 'ApprovalRejected' && reason !== 'StepUncertain') return undefined
  const stopped = reason === 'StepUncertain' ? 'Uncertain' : 'Failed'
  const step = listSteps(run).find(
    ({ place, view }) =>
      view.phase === stopped &&
      // of a target, only one that nobody knows the end of stops all of the run
      (place.target === undefined || stopped === 'Uncertain') &&
      (reason !== 'ApprovalRejected' || view.type === 'approval'),
  )
  return step && { reason, step }
}
