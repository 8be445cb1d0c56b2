import { type Application, type Delivery, finalizer, known, retry, settled, unknown, waiting } from '@flotilla/model'
import type { DesiredObject } from '../decision.ts'
import { keepDelivery } from './desired-delivery.ts'
import type { ApplicationDecision, ApplicationObserved, ApplicationStatus, ObservedCluster } from './observed.ts'
import type { StatusQuestion } from './status.ts'

/**
 * An application that is being deleted: its Deliveries go, each cleans its target or lets go of it, and then the
 * application itself may go. A cluster that cannot be reached is the Delivery's matter, not ours.
 */
export function planRemoval(
  application: Application,
  observed: ApplicationObserved,
  status: (said: Partial<StatusQuestion>) => ApplicationStatus,
): ApplicationDecision {
  const { deliveries, clusters } = observed
  if (!deliveries.known)
    return {
      objects: unknown(deliveries.reason),
      effects: [],
      status: status({ blocked: deliveries.reason }),
      next: retry(deliveries.reason),
    }
  if (deliveries.value.length > 0) {
    const byName = new Map(clusters.known ? clusters.value.map((cluster) => [cluster.name, cluster]) : [])
    const stuck = deliveries.value.find(({ status }) => status?.phase === 'Removing' && status.message !== undefined)
    const why = stuck === undefined ? '' : `; ${stuck.spec.target.cluster}: ${stuck.status?.message ?? ''}`
    const names = deliveries.value.map(({ spec }) => spec.target.cluster).sort()
    const shown = `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`
    return {
      objects: known(withPolicyFirst(application, deliveries.value, byName)),
      effects: [],
      status: status({ removing: `It is being removed from ${shown}${why}` }),
      next: waiting(30, 'its deliveries are being removed'),
    }
  }
  const held = application.metadata.finalizers?.includes(finalizer) === true
  return {
    objects: known([]),
    effects: held ? [{ kind: 'RemoveFinalizer', key: `finalizer/${application.metadata.uid ?? ''}/gone` }] : [],
    status: status({ removing: 'It is removed from every target' }),
    next: settled,
  }
}

/**
 * Of Deliveries that are to go, those that do not know yet whether to delete or to keep what they delivered: they are
 * told first, and go in a later pass; one that is going already hears of another mind. A cluster that is being removed has a policy of its own.
 */
export function withPolicyFirst(
  application: Application,
  leaving: readonly Delivery[],
  clusters: ReadonlyMap<string, ObservedCluster> = new Map(),
): DesiredObject[] {
  return leaving.flatMap((delivery) => {
    const deletionPolicy = clusters.get(delivery.spec.target.cluster)?.removal ?? application.spec.deletionPolicy
    if (delivery.spec.deletionPolicy === deletionPolicy) return []
    return [keepDelivery({ ...application, spec: { ...application.spec, deletionPolicy } }, delivery)]
  })
}
