import type { MovePhase, MoveStatus } from '@flotilla/model'
import { addSeconds, secondsBetween } from '../delivery/attempt.ts'
import { wasStarted } from './fields.ts'
import { list } from './pairs.ts'
import {
  computeRuns,
  computeStandsBy,
  computeStill,
  deliveriesOf,
  findActing,
  sayDelivery,
  type Side,
} from './sides.ts'
import type { MoveEffect } from './types.ts'
import type { MoveStep, MoveWorld } from './world.ts'

/** Phases in which a move has the application in hand. */
export type HeldPhase = Exclude<MovePhase, 'Pending' | 'Succeeded' | 'Undone' | 'Refused' | 'Aborted'>

/**
 * How long a place has to be still before it counts: a controller of Kubernetes that has not heard yet of a suspension
 * may make one more Job, and nothing of a CronJob says what it has heard.
 */
export const quietSeconds = 5

/** What each phase waits for. The application says already what the phase wants (`computeFields`). */
export const phaseSteps: Record<HeldPhase, (world: MoveWorld) => MoveStep> = {
  Preparing: (world) => {
    const { stage, why } = computeStandsBy(world.to, 'well')
    if (stage !== 'there') return { waitingFor: why }
    return rolls(world) ?? { go: 'SuspendingSource' }
  },
  SuspendingSource: ({ from }) => {
    const { stage, why } = computeStill(from)
    return stage === 'asked' ? { waitingFor: why } : { go: 'Draining', news: { quietSince: null } }
  },
  Draining: (world) =>
    drain(world, world.from, (quietSince) => ({ go: 'StartingTarget', news: { gap: { from: quietSince } } })),
  StartingTarget: ({ to, now, object }) => {
    const { stage, why } = computeRuns(to)
    if (stage === 'asked') return { waitingFor: why }
    return { go: 'AwaitingTraffic', news: { gap: closed(object.status?.gap, now) } }
  },
  AwaitingTraffic: ({ object, to }) => {
    if (object.spec.control.confirmedTraffic !== undefined) return { go: 'RemovingSource' }
    const why = `somebody to confirm that requests go to ${list(to.places)} (flotilla move confirm)`
    return { waitingFor: why, seconds: 60 }
  },
  RemovingSource: (world) =>
    gone(world, world.from) ?? {
      go: 'Succeeded',
      news: {
        message: `Moved from ${list(world.from.places)} to ${list(world.to.places)}${sayGap(world.object.status?.gap)}`,
      },
    },
  UndoRestoringSource: (world) => {
    const { stage, why } = computeStandsBy(world.from, 'any')
    if (stage !== 'there') return { waitingFor: why }
    return rolls(world) ?? { go: 'UndoStoppingTarget' }
  },
  UndoStoppingTarget: (world) =>
    drain(world, world.to, (quietSince) => ({ go: 'UndoStartingSource', news: { undoGap: { from: quietSince } } })),
  UndoStartingSource: ({ from, now, object }) => {
    const { stage, why } = computeRuns(from)
    if (stage === 'asked') return { waitingFor: why }
    const { undoGap } = object.status ?? {}
    return { go: 'UndoRemovingTarget', news: undoGap === undefined ? {} : { undoGap: closed(undoGap, now) } }
  },
  UndoRemovingTarget: (world) =>
    rolls(world) ??
    gone(world, world.to) ?? {
      go: 'Undone',
      news: { message: `Back in ${list(world.from.places)}${sayGap(world.object.status?.undoGap)}` },
    },
}

/** What a rollout has in hand is not taken from it: it would say that somebody else did, and take the rest back. */
export function rolls({ observed: { rollouts } }: Pick<MoveWorld, 'observed'>): MoveStep | undefined {
  if (!rollouts.known) return { waitingFor: `the host: ${rollouts.reason}` }
  const [first] = rollouts.value
  return first === undefined ? undefined : { waitingFor: `the rollout ${first} to end` }
}

/** Asked in the pass that would let something start: why it must not be yet. */
export function findHindrance(world: MoveWorld, starts: 'from' | 'to'): MoveStep | undefined {
  const other = starts === 'to' ? world.from : world.to
  // what was never let start may be out of reach; what somebody started there by hand is waited for where it is seen
  const why = starts === 'from' && !wasStarted(world.object) ? findActing(other) : computeStill(other).why
  return why === undefined || why === '' ? undefined : { waitingFor: why, news: { quietSince: null }, seconds: 1 }
}

/** Waits until nothing acts in a side any more, and then for a while that it stays so. */
function drain(world: MoveWorld, side: Side, then: (quietSince: string) => MoveStep): MoveStep {
  const { now, object } = world
  const { stage, why } = computeStill(side)
  if (stage !== 'still') return { waitingFor: why, news: { quietSince: null }, seconds: 1 }
  const quietSince = object.status?.quietSince ?? now
  const left = quietSeconds - secondsBetween(quietSince, now)
  if (left <= 0) return then(quietSince)
  const until = addSeconds(quietSince, quietSeconds)
  return {
    waitingFor: `${list(side.places)} to stay still until ${until}`,
    news: { quietSince },
    seconds: Math.min(1, left),
  }
}

/** Undefined when no delivery of a side is left. */
function gone({ application }: MoveWorld, side: Side): MoveStep | undefined {
  const left = deliveriesOf(side)
  const [first] = left
  if (first === undefined) return undefined
  // the controller of a governed application takes nothing away
  const effects = left.flatMap(({ metadata: { name, uid = '', deletionTimestamp } }): MoveEffect[] =>
    application.spec.mode === 'governed' && deletionTimestamp === undefined
      ? [{ kind: 'DeleteDelivery', key: `delete/${uid}`, name, uid }]
      : [],
  )
  return { waitingFor: `${sayDelivery(first)} to be gone`, effects }
}

type Gap = NonNullable<MoveStatus['gap']>

function closed(gap: Gap | undefined, now: string): Gap {
  const from = gap?.from ?? now
  return { from, until: now, seconds: Math.max(0, Math.round(secondsBetween(from, now) * 10) / 10) }
}

const sayGap = (gap: Gap | undefined): string =>
  gap?.seconds === undefined ? '' : `; for ${gap.seconds} s nothing of it acted anywhere`
