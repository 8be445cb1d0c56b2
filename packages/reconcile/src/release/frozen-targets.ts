import {
  type ApplicationSpec,
  canonicalJson,
  type Delivery,
  deliveryName,
  type FrozenTarget,
  type Target,
  targetKey,
} from '@flotilla/model'
import { computeDesiredDigest, type Wanted } from '../application/wanted.ts'
import { wantedOf } from './wanted-of.ts'

export interface FrozenTargetsQuestion {
  readonly application: string
  readonly project: string
  readonly release: string
  readonly spec: Pick<ApplicationSpec, 'deletionPolicy'>
  readonly targets: readonly Target[]
  /** By target key. */
  readonly wanted: ReadonlyMap<string, Wanted>
  /** The application's own, whatever their target. */
  readonly deliveries: readonly Delivery[]
  /** Clusters that are being removed from the fleet: what is there goes with them. */
  readonly removed: (cluster: string) => boolean
}

/** What each target gets and what it has; a target that left is emptied. Those that were not rendered are left out. */
export function computeFrozenTargets(question: FrozenTargetsQuestion): FrozenTarget[] {
  const { application, project, release, spec, targets, wanted, deliveries, removed } = question
  const own = new Map(deliveries.map((delivery) => [targetKey(delivery.spec.target), delivery]))
  const placed = targets.flatMap((target): FrozenTarget[] => {
    const key = targetKey(target)
    const want = wanted.get(key)
    if (want?.state !== 'wanted') return []
    return [
      {
        cluster: target.cluster,
        namespace: target.namespace,
        ...(target.environment === undefined ? {} : { environment: target.environment }),
        delivery: own.get(key)?.metadata.name ?? deliveryName(application, target, project),
        digest: want.digest,
        components: want.components,
        renderedFrom: canonicalJson(want.inputs),
        release,
        ...baselineOf(own.get(key)),
      },
    ]
  })
  const keys = new Set(targets.map(targetKey))
  const leaving = deliveries.flatMap((delivery): FrozenTarget[] => {
    const { target, desired } = delivery.spec
    if (keys.has(targetKey(target)) || delivery.metadata.deletionTimestamp !== undefined) return []
    if (desired === undefined || removed(target.cluster) || spec.deletionPolicy === 'Keep') return []
    return [
      {
        ...target,
        delivery: delivery.metadata.name,
        digest: computeDesiredDigest([]),
        components: [],
        release,
        ...baselineOf(delivery),
      },
    ]
  })
  return [...placed, ...leaving]
}

function baselineOf(delivery: Delivery | undefined): Pick<FrozenTarget, 'baseline'> {
  const baseline = delivery === undefined ? undefined : wantedOf(delivery)
  return baseline === undefined ? {} : { baseline }
}
