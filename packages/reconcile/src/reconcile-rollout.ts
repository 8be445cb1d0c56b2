import { endedPhases, finalizer, type RolloutStatus, stalled, unknown, waiting } from '@flotilla/model'
import { endUnasked } from './rollout/asked-steps.ts'
import { closeDown } from './rollout/closing.ts'
import { heedPeople } from './rollout/control.ts'
import { settleEnded } from './rollout/settle-ended.ts'
import { computeEffects, type Permit } from './rollout/effects.ts'
import { computeClosing, computeEnd, type End } from './rollout/ended.ts'
import { computePause, type Pause, pauseByHand, rollBackByPolicy, rollingBack } from './rollout/failures.ts'
import { lookAtStep } from './rollout/look-step.ts'
import { giveUpTargets } from './rollout/others.ts'
import { mayBegin, mayNot, openRun, type Progress, type Run } from './rollout/run.ts'
import { startRollout } from './rollout/start-rollout.ts'
import { composeStatus } from './rollout/status.ts'
import { stepStages } from './rollout/stage-step.ts'
import { changeRecords } from './rollout/steps.ts'
import type { RolloutDecision, RolloutEffect, RolloutQuestion } from './rollout/types.ts'
import { computeNextLook, computeWaitingFor, isStalled } from './rollout/waiting.ts'

/**
 * What to do for one Rollout now. The status that comes with it is written before any effect is begun; every effect follows
 * from the status and from what is seen, so whoever is killed in between is told the same again.
 *
 *   Pending   opened: targets claimed, its turn waited for, the document stored     startRollout
 *   Running   people heeded, steps and targets looked at, failures acted on, and    stepRollout
 *             then what may begin begins
 *   Paused    the same, but nothing begins: it lasts as long as its cause is there
 *   ended     nothing, but steps that ended are let go of                           settleEnded
 */
export function reconcileRollout(question: RolloutQuestion): RolloutDecision {
  const { object, observed, now } = question
  const { status, metadata } = object
  if (status?.phase !== undefined && endedPhases.includes(status.phase)) return settleEnded(question)
  if (metadata.deletionTimestamp === undefined && metadata.finalizers?.includes(finalizer) !== true) {
    const effect: RolloutEffect = { kind: 'AddFinalizer', key: `finalizer/${metadata.uid ?? ''}` }
    return answer(composeStatus(object, { waitingFor: 'its finalizer' }, now), [effect], 0)
  }
  if (status?.snapshot === undefined) return startRollout(question)
  const { document } = observed
  if (document.known && document.value !== undefined) {
    const { run, progress } = openRun(object, observed, now, document.value.document)
    return stepRollout(run, progress)
  }
  const closing = computeClosing(object)
  if (document.known && closing !== undefined) {
    const said = { ...closing, phase: 'Aborted' as const }
    return answer(composeStatus(object, said, now), [], 1)
  }
  const waitingFor = document.known
    ? `its document ${status.snapshot.document}, which is no longer stored: abort it`
    : `its document: ${document.reason}`
  const { phase, reason, message } = status
  const stopped = pauseByHand(object)
  const said = stopped === undefined ? { phase, reason, message } : { ...stopped, phase: 'Paused' as const }
  return answer(composeStatus(object, { ...said, waitingFor }, now), [], document.known ? 60 : 5)
}

function stepRollout(run: Run, before: Progress): RolloutDecision {
  const closing = computeClosing(run.object)
  const looked = changeRecords(run, heedPeople(run, before), (record, context) => lookAtStep(context, record))
  // a target that is skipped when its step has ended goes no further in the pass that sees the end
  const given = endUnasked(run, giveUpTargets(run, heedPeople(run, looked)))
  if (closing !== undefined) {
    const closed = closeDown(run, given, closing.message)
    const end = computeEnd(run, closed, closing, undefined)
    const waitingFor = `what runs to end: ${computeWaitingFor(run, closed, undefined)}`
    return conclude(run, closed, end, undefined, { reason: 'Aborting', message: closing.message, waitingFor })
  }
  const seen = stepStages(run, given, mayNot('the rollout to go on'))
  const acted = rollBackByPolicy(run, seen)
  const back = rollingBack(acted)
  if (back !== undefined) {
    const why = `The stage ${back.name} goes back.`
    const spare = ({ stage, writtenAt }: Progress['targets'][number]) => stage === back.name && writtenAt !== undefined
    const closed = stepStages(run, closeDown(run, acted, why, spare), mayNot(why))
    // a stage that goes back is stopped by a person only
    const byHand = pauseByHand(run.object)
    const permit = { forward: false, back: byHand === undefined }
    const message = `${why} ${back.message ?? ''}`.trim()
    const end = computeEnd(run, closed, undefined, undefined)
    return conclude(run, closed, end, byHand, { reason: 'RollingBack', message, permit })
  }
  const stopped = computePause(run, acted)
  const progress = stopped === undefined ? rollBackByPolicy(run, stepStages(run, acted, mayBegin)) : acted
  // a failure that came to light just now keeps back what was to begin with it
  const turned = rollingBack(progress) !== undefined
  const pause = turned ? undefined : computePause(run, progress)
  const permit = { forward: pause === undefined && !turned, back: pause?.reason !== 'ByHand' }
  return conclude(run, progress, turned ? undefined : computeEnd(run, progress, undefined, pause), pause, { permit })
}

function conclude(
  run: Run,
  progress: Progress,
  end: End | undefined,
  pause: Pause | undefined,
  { permit = nothing, waitingFor, reason, message }: Rest,
): RolloutDecision {
  const { object, now } = run
  const at = end?.progress ?? progress
  const effects = computeEffects(run, at, end === undefined ? permit : nothing)
  if (end !== undefined) return answer(composeStatus(object, { ...end, run, progress: at }, now), effects, 1)
  const said = {
    phase: pause === undefined ? ('Running' as const) : ('Paused' as const),
    reason: pause?.reason ?? reason,
    message: pause?.message ?? message,
    waitingFor: waitingFor ?? computeWaitingFor(run, at, pause),
    run,
    progress: at,
  }
  const decision = answer(composeStatus(object, said, now), effects, computeNextLook(run, at, effects.length))
  return effects.length === 0 && isStalled(at, pause) ? { ...decision, next: stalled(pause?.message ?? '') } : decision
}

interface Rest {
  readonly permit?: Permit
  readonly reason?: string
  readonly message?: string
  readonly waitingFor?: string
}

const nothing: Permit = { forward: false, back: false }

function answer(status: RolloutStatus, effects: readonly RolloutEffect[], seconds: number): RolloutDecision {
  const next = waiting(seconds, status.waitingFor ?? 'a last look')
  return { objects: unknown('a rollout owns no objects'), effects, status, next }
}
