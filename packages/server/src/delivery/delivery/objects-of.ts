import { type Delivery, type Health, type Known, known, type ObjectRef, refKey } from '@flotilla/model'
import type { DeliveryLiveState } from '../live/create-live-state.ts'
import type { DeliveryMemory } from './delivery-memory.ts'

export interface DeliveredObject {
  readonly ref: ObjectRef
  readonly component: string
  readonly health: Health
  /** Absent for an object that is not there. */
  readonly uid?: string | undefined
}

/** What a Delivery brought, with how each object fares; unknown while the cluster cannot be seen. */
export function objectsOf(
  live: Pick<DeliveryLiveState, 'objects'>,
  delivery: Delivery,
  memory: DeliveryMemory | undefined,
): Known<readonly DeliveredObject[]> {
  const seen = live.objects(delivery.spec.target.cluster, delivery.metadata.uid ?? '')
  if (!seen.known) return seen
  const objects = new Map(seen.value.map((object) => [refKey(object.ref), object]))
  const entries = memory?.inventory?.value?.entries
  if (entries === undefined) {
    return known(seen.value.map(({ ref, component, health, uid }) => ({ ref, component, health, uid })))
  }
  return known(
    entries
      .filter(({ leaving }) => leaving !== true)
      .map(({ ref, component }) => {
        const object = objects.get(refKey(ref))
        if (object !== undefined) return { ref, component, health: object.health, uid: object.uid }
        return { ref, component, health: { state: 'Missing' as const, message: 'it is not there' } }
      }),
  )
}
