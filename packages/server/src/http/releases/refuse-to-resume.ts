import { FlotillaError, type Rollout, type RolloutStatus } from '@flotilla/model'

/** What makes a run pause that only goes on when something is done about that step, with what that is. */
const remedies: Readonly<Record<string, string>> = {
  StepFailed: 'Retry it, or skip it with a reason; or abort the rollout',
  StepUncertain: 'Find out how it ended and resolve it, or skip it with a reason; or abort the rollout',
  ApprovalRejected: 'Who rejected it approves it after all, and the stage is retried; or abort the rollout',
}

/** To resume goes past targets that failed and times that are over, and past no step. Errors: `request.conflict`. */
export function refuseToResume({ status }: Rollout): void {
  const remedy = status?.phase === 'Paused' ? remedies[status.reason ?? ''] : undefined
  if (status === undefined || remedy === undefined) return
  const step = findInTheWay(status)
  throw new FlotillaError('request.conflict', {
    message: step === undefined ? 'A step stands in the way' : `The step ${step} stands in the way`,
    remedy,
  })
}

function findInTheWay({ stages = [], targets = [], reason }: RolloutStatus): string | undefined {
  const holders = reason === 'StepUncertain' ? [...stages, ...targets] : stages
  const phase = reason === 'StepUncertain' ? 'Uncertain' : 'Failed'
  return holders.flatMap(({ steps = [] }) => steps).find((step) => step.phase === phase && step.again !== true)?.name
}
