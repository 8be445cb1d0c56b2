import {
  computeConditions,
  type Condition,
  endedPhases,
  kindOfStep,
  type Rollout,
  type RolloutStatus,
} from '@flotilla/model'
import { isInHand, type Progress, type Run } from './run.ts'
import { eachRecord } from './steps.ts'

type Spoken = Pick<RolloutStatus, 'phase' | 'reason' | 'message' | 'waitingFor'>

/**
 * What `kubectl wait --for=condition=...` goes by. Succeeded is unknown until the run has ended: then it is True for one that
 * did what it was started for, a rollback too.
 */
export function computeRolloutConditions(object: Rollout, said: Spoken, now: string): Condition[] {
  const { phase = 'Pending', waitingFor } = said
  const ended = endedPhases.includes(phase)
  const reason = said.reason ?? phase
  const message = said.message ?? ''
  const is = (value: boolean) => (value ? ('True' as const) : ('False' as const))
  const observedGeneration =
    object.metadata.generation === undefined ? {} : { observedGeneration: object.metadata.generation }
  const about = { reason, message, ...observedGeneration }
  const good = phase === 'Succeeded' || phase === 'RolledBack'
  const of = [
    { type: 'Progressing', status: is(phase === 'Running'), ...about },
    { type: 'Paused', status: is(phase === 'Paused'), ...about },
    { type: 'Waiting', status: is(waitingFor !== undefined), ...about, message: waitingFor ?? '' },
    { type: 'Ended', status: is(ended), ...about },
    { type: 'Succeeded', status: ended ? is(good) : ('Unknown' as const), ...about },
  ]
  return computeConditions(object.status?.conditions, of, now)
}

/** What only a person can do now for the run to go on, beside lifting a pause of their own. */
export function computeAwaits(
  { phase, reason }: Spoken,
  at: { readonly run: Run; readonly progress: Progress } | undefined,
  before: RolloutStatus['awaits'],
): RolloutStatus['awaits'] {
  if (phase === 'Paused') return reason === 'ByHand' ? undefined : 'Decision'
  if (phase !== 'Running') return undefined
  if (at === undefined) return before
  for (const { context, record } of eachRecord(at.run, at.progress))
    if (kindOfStep(context.step) === 'approval' && isInHand(record) && record.stopping === undefined) return 'Approval'
  return undefined
}
