import {
  type Application,
  endedMovePhases,
  finalizer,
  isStandby,
  known,
  type MovePhase,
  type Next,
  retry,
  settled,
  type TargetRef,
  waiting,
} from '@flotilla/model'
import { areWritten, begunOf, computeFields } from './move/fields.ts'
import { composeMoveStatus, type MoveNews } from './move/move-status.ts'
import { openMove } from './move/open-move.ts'
import { findHindrance, type HeldPhase, phaseSteps } from './move/phase-steps.ts'
import { redirect } from './move/redirect.ts'
import type { Side } from './move/sides.ts'
import type { ApplicationFields, MoveDecision, MoveEffect, MoveQuestion } from './move/types.ts'
import type { MoveStep, MoveWorld } from './move/world.ts'

/**
 * One step of a move. A phase is recorded before the application is written as it wants, and each pass looks anew: what lets
 * something start asks in that very pass whether the other place is still. So whoever is killed anywhere finds its way.
 */
export function reconcileMove(question: MoveQuestion): MoveDecision {
  const phase = question.object.status?.phase ?? 'Pending'
  return isEnded(phase) ? finish(question, phase) : decide(question, phase, stepOn(question, phase))
}

function stepOn(question: MoveQuestion, phase: HeldPhase | 'Pending'): MoveStep {
  const { object, observed } = question
  const { metadata, status } = object
  const { application, deliveries, looks } = observed
  if (metadata.finalizers?.includes(finalizer) !== true && metadata.deletionTimestamp === undefined)
    return { waitingFor: 'its first look', effects: [{ kind: 'AddFinalizer', key: 'finalizer' }] }
  if (!application.known) return { waitingFor: `the host: ${application.reason}` }
  const held = application.value
  const elsewhere = redirect(object, phase, held)
  if (elsewhere !== undefined) return elsewhere
  if (held === undefined) return { go: 'Aborted', news: { message: 'The application is gone' } }
  if (phase === 'Pending') return openMove(question, held)
  const begun = begunOf(status)
  if (begun === undefined) return { go: 'Aborted', news: { message: 'What it began with is lost' } }
  if (!deliveries.known) return { waitingFor: `the host: ${deliveries.reason}` }
  const side = (of: 'from' | 'to'): Side => ({
    places: begun.pairs.map((pair) => pair[of]),
    application: held,
    deliveries: deliveries.value,
    looks,
  })
  return stepHeld({ ...question, begun, application: held, from: side('from'), to: side('to') }, phase)
}

/** The application is brought to what the phase wants, then the phase has its say. */
function stepHeld(world: MoveWorld, phase: HeldPhase): MoveStep {
  const { object, application, begun } = world
  const { spec } = application
  const { name } = object.metadata
  if (spec.move !== undefined && spec.move !== name)
    return { waitingFor: `the move ${spec.move}, which has it in hand` }
  const fields = computeFields(name, begun, phase, spec)
  if (areWritten(fields, spec)) return phaseSteps[phase](world)
  for (const side of ['to', 'from'] as const) {
    if (!world[side].places.some((place) => isLetStart(place, spec, fields))) continue
    const hindrance = findHindrance(world, side)
    if (hindrance !== undefined) return hindrance
  }
  return { waitingFor: 'the application to be written', effects: [writeEffect(application, fields)] }
}

const isLetStart = (place: TargetRef, before: Application['spec'], after: ApplicationFields): boolean => {
  const target = { ...place, labels: {} }
  return isStandby(before, target) && !isStandby({ standby: [...after.standby] }, target)
}

function writeEffect(application: Application, fields: ApplicationFields, movedAfter?: number): MoveEffect {
  const { resourceVersion = '' } = application.metadata
  return {
    kind: 'WriteApplication',
    key: `application/${resourceVersion}`,
    fields,
    resourceVersion,
    ...(movedAfter === undefined ? {} : { movedAfter }),
  }
}

/** At its end it lets go of the application, and then of itself. */
function finish(question: MoveQuestion, phase: MovePhase): MoveDecision {
  const { object, observed } = question
  const { application } = observed
  const same = (effects: readonly MoveEffect[], next: Next): MoveDecision => ({
    objects: known([]),
    effects,
    status: object.status ?? {},
    next,
  })
  if (!application.known) return same([], retry(application.reason))
  const held = application.value
  if (held !== undefined && held.spec.move === object.metadata.name) {
    const begun = phase === 'Aborted' ? undefined : begunOf(object.status)
    const { placement, standby = [] } = held.spec
    const fields =
      begun === undefined
        ? { placement, standby, move: undefined }
        : computeFields(object.metadata.name, begun, phase, held.spec)
    const movedAfter = phase === 'Succeeded' ? held.status?.revision : undefined
    return same([writeEffect(held, fields, movedAfter)], waiting(0, 'the application to be let go of'))
  }
  const holds = object.metadata.finalizers?.includes(finalizer) === true
  return same(holds ? [{ kind: 'RemoveFinalizer', key: 'finalizer/gone' }] : [], settled)
}

/** While something is in hand the clusters are looked at this often, whatever the watches tell. */
const lookSeconds = 3

function decide({ object, now }: MoveQuestion, phase: MovePhase, step: MoveStep): MoveDecision {
  const goes = 'go' in step
  const news: MoveNews = goes ? { ...step.news, phase: step.go } : { ...step.news, phase, waitingFor: step.waitingFor }
  const effects = goes ? [] : (step.effects ?? [])
  const next =
    goes || effects.length > 0
      ? waiting(0, 'there is more to do')
      : waiting('seconds' in step ? (step.seconds ?? lookSeconds) : lookSeconds, step.waitingFor)
  return { objects: known([]), effects, status: composeMoveStatus(object, news, now), next }
}

const isEnded = (phase: MovePhase): phase is Exclude<MovePhase, HeldPhase | 'Pending'> =>
  endedMovePhases.includes(phase)
