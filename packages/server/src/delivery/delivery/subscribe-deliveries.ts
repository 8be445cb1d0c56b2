import type { Delivery } from '@flotilla/model'
import type { DeliveryControllerDeps } from './deps.ts'

/** Which Deliveries to look at when something changes. */
export function subscribeDeliveries(
  { state, fleet, live }: Pick<DeliveryControllerDeps, 'state' | 'fleet' | 'live'>,
  enqueue: (key: string) => void,
): () => void {
  const keys = new Map<string, string>()
  const known = new Map<string, { readonly uid: string; readonly cluster: string }>()
  const all = (where: (delivery: Delivery) => boolean): void => {
    for (const delivery of state.deliveries.list()) {
      if (where(delivery)) enqueue(`${delivery.metadata.namespace ?? ''}/${delivery.metadata.name}`)
    }
  }
  const ends = [
    state.deliveries.onChange((key, delivery) => {
      const before = known.get(key)
      const uid = delivery?.metadata.uid
      if (before !== undefined && before.uid !== uid) {
        keys.delete(before.uid)
        known.delete(key)
        // it may have left something to be swept
        enqueue(`orphans/${before.cluster}`)
      }
      if (delivery !== undefined && uid !== undefined) {
        keys.set(uid, key)
        known.set(key, { uid, cluster: delivery.spec.target.cluster })
      }
      enqueue(key)
    }),
    live.onChange((_cluster, uid) => {
      const key = keys.get(uid)
      if (key !== undefined) enqueue(key)
    }),
    live.onReleases((cluster, namespace) =>
      all(({ spec: { target } }) => target.cluster === cluster && target.namespace === namespace),
    ),
    fleet.onChange((cluster) => {
      all(({ spec }) => spec.target.cluster === cluster)
      enqueue(`orphans/${cluster}`)
    }),
  ]
  return () => ends.forEach((end) => end())
}
