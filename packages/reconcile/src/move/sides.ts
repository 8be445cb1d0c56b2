import { type Application, type Delivery, type Known, targetKey, type TargetRef } from '@flotilla/model'
import { isSameWish } from '../delivery/attempt.ts'
import { type ActingSight, computeUnstill, findUnready } from './acting.ts'
import type { MoveObserved } from './types.ts'

/** What is known about the places that a move leaves, or goes to. */
export interface Side {
  readonly places: readonly TargetRef[]
  readonly application: Application
  readonly deliveries: readonly Delivery[]
  readonly looks: MoveObserved['looks']
}

/** How far something is, and what it waits for; the least far of all places counts. */
export type Progress<Stage extends string> = { readonly stage: Stage; readonly why: string }

/**
 * How far a side is on its way to standing still: `asked` until nothing can begin any more, `draining` until nothing is
 * left of what was begun. What is not known is never still.
 */
export const computeStill = (side: Side): Progress<'asked' | 'draining' | 'still'> =>
  least(['asked', 'draining', 'still'], side, stillIn)

function stillIn(side: Side, place: TargetRef): Progress<'asked' | 'draining' | 'still'> {
  const unwritten = findUnwritten(side, place, true)
  if (unwritten !== undefined) return { stage: 'asked', why: unwritten }
  const look = lookAt(side, place)
  if (!look.known) return { stage: 'asked', why: `${targetKey(place)} to be seen: ${look.reason}` }
  const acts = computeUnstill(look.value)
  if (acts === undefined) return { stage: 'still', why: '' }
  return { stage: acts.suspended ? 'draining' : 'asked', why: `${acts.why} in ${targetKey(place)}` }
}

/** Whether all of a side was delivered to stand still, and is well: what it needs to take over is there. */
export const computeStandsBy = (side: Side, health: 'well' | 'any'): Progress<'asked' | 'there'> =>
  least(['asked', 'there'], side, (_side, place) => {
    const why = findUnwritten(side, place, true) ?? findUnsettled(side, place, health)
    return why === undefined ? { stage: 'there', why: '' } : { stage: 'asked', why }
  })

/** Whether what acts in a side was seen running: schedules as they are declared, of each consumer a pod that is ready. */
export const computeRuns = (side: Side): Progress<'asked' | 'runs'> =>
  least(['asked', 'runs'], side, (_side, place) => {
    const why = findUnwritten(side, place, false) ?? findUnsettled(side, place, 'any')
    if (why !== undefined) return { stage: 'asked', why }
    const look = lookAt(side, place)
    if (!look.known) return { stage: 'asked', why: `${targetKey(place)} to be seen: ${look.reason}` }
    const unready = findUnready(look.value)
    if (unready === undefined) return { stage: 'runs', why: '' }
    return { stage: 'asked', why: `a pod of ${unready.name} to be ready in ${targetKey(place)}` }
  })

/** What is seen to act in a side; undefined also where it cannot be seen. */
export function findActing(side: Side): string | undefined {
  for (const place of side.places) {
    const look = lookAt(side, place)
    const acts = look.known ? computeUnstill(look.value) : undefined
    if (acts !== undefined) return `${acts.why} in ${targetKey(place)}`
  }
  return undefined
}

/** Deliveries of a side that are still there. */
export const deliveriesOf = ({ places, deliveries }: Side): readonly Delivery[] => {
  const keys = new Set(places.map(targetKey))
  return deliveries.filter(({ spec }) => keys.has(targetKey(spec.target)))
}

/** What the Delivery of a place says of itself, for whoever waits for it. */
export function sayDelivery({ metadata, status }: Delivery): string {
  const why = status?.waitingFor ?? status?.message
  return why === undefined || why === '' ? `Delivery ${metadata.name}` : `Delivery ${metadata.name}: ${why}`
}

/**
 * Why it is not certain yet that nobody writes anything else to a place: the Application's controller has seen what the
 * application says now, and the Delivery's work in hand, if any, is of that and has written all of it once. Each of both
 * has one writer at a time, whose older work is refused by resource versions; so what holds here holds until a move says
 * otherwise.
 */
function findUnwritten({ application, deliveries }: Side, place: TargetRef, standby: boolean): string | undefined {
  const { metadata, status } = application
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0))
    return application.spec.paused ? 'the application to be resumed' : 'the application to be looked at'
  const key = targetKey(place)
  const delivery = deliveries.find(({ spec }) => targetKey(spec.target) === key)
  // nothing is written to a place that has none; what is left there is looked at all the same
  if (delivery === undefined) return standby ? undefined : `a delivery to ${key}`
  if (delivery.metadata.deletionTimestamp !== undefined) return `${sayDelivery(delivery)}, to be gone first`
  if ((delivery.spec.standby === true) !== standby) return `${key} to be told`
  const done = delivery.status?.attempt ?? delivery.status?.applied
  const heard = delivery.status?.observedGeneration === delivery.metadata.generation
  const written = delivery.status?.attempt === undefined || delivery.status.attempt.writtenAt !== undefined
  const same = (done?.standby === true) === standby && done !== undefined
  return heard && written && same ? undefined : sayDelivery(delivery)
}

function findUnsettled(
  { application, deliveries }: Side,
  place: TargetRef,
  health: 'well' | 'any',
): string | undefined {
  const key = targetKey(place)
  const delivery = deliveries.find(({ spec }) => targetKey(spec.target) === key)
  if (delivery === undefined)
    return application.spec.mode === 'governed' ? `a rollout that brings it to ${key}` : `a delivery to ${key}`
  const { status } = delivery
  const settled = status?.attempt === undefined && status?.phase === 'Settled' && isSameWish(delivery, status.applied)
  if (!settled || status.unknownSince !== undefined) return sayDelivery(delivery)
  const well = status.health === 'Healthy' || status.health === 'Suspended'
  return well || health === 'any' ? undefined : sayDelivery(delivery)
}

const lookAt = ({ looks }: Side, place: TargetRef): Known<ActingSight> =>
  looks.get(targetKey(place)) ?? { known: false, reason: 'it was not looked at yet' }

function least<Stage extends string>(
  order: readonly Stage[],
  side: Side,
  of: (side: Side, place: TargetRef) => Progress<Stage>,
): Progress<Stage> {
  const all = side.places.map((place) => of(side, place))
  const [first] = all.toSorted((a, b) => order.indexOf(a.stage) - order.indexOf(b.stage))
  if (first === undefined) throw new Error('a move without places')
  return first
}
