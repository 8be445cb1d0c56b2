import { type Delivery, type KubeObject, labels, type ObjectMeta, refOf } from '@flotilla/model'
import { type HashKey, hashOf } from './hash.ts'
import { computeStanding, keepStill, type Still } from './standby.ts'
import type { DeliverySet, PreparedObject } from './types.ts'

const keepPolicy = 'helm.sh/resource-policy'

/** The labels by which everything that a Delivery brings is known as its own. */
export function ownLabels(delivery: Delivery, component: string): Record<string, string> {
  return {
    [labels.delivery]: delivery.metadata.uid ?? '',
    [labels.application]: delivery.spec.application.name,
    [labels.component]: component,
  }
}

/** What was prepared of one set for one Delivery, by what goes into it. A set never changes, and is forgotten with its key. */
type Prepared = Map<string, readonly PreparedObject[]>
const remembered = new WeakMap<HashKey, WeakMap<DeliverySet, Prepared>>()
/** Deliveries that are worked on at once, of those that share a set. */
const mostRemembered = 16

/**
 * A set as it is sent: with our labels, with what plain helm asks of objects of its releases, without what only the API
 * server writes. In standby nothing of it acts by itself.
 */
export function prepareObjects(delivery: Delivery, set: DeliverySet, key: HashKey): readonly PreparedObject[] {
  const of = preparedOf(set, key)
  const name = nameOf(delivery, set)
  return of.get(name) ?? remember(of, name, Array.from(prepareEach(delivery, set, key)))
}

/** Does the same bit by bit, so that a large set does not hold up everything else; `pause` lets others have their turn. */
export async function prepareAhead(
  delivery: Delivery,
  set: DeliverySet,
  key: HashKey,
  pause: () => Promise<void>,
): Promise<void> {
  const of = preparedOf(set, key)
  const name = nameOf(delivery, set)
  if (of.has(name)) return
  const prepared: PreparedObject[] = []
  for (const object of prepareEach(delivery, set, key)) {
    prepared.push(object)
    await pause()
  }
  remember(of, name, prepared)
}

function preparedOf(set: DeliverySet, key: HashKey): Prepared {
  const sets = remembered.get(key) ?? new WeakMap<DeliverySet, Prepared>()
  remembered.set(key, sets)
  const of = sets.get(set) ?? new Map<string, readonly PreparedObject[]>()
  sets.set(set, of)
  return of
}

const leftTo = ({ spec }: Delivery, { component }: DeliverySet): readonly string[] =>
  spec.desired?.components.find(({ name }) => name === component)?.leaveTo ?? []

const nameOf = (delivery: Delivery, set: DeliverySet): string =>
  JSON.stringify([
    delivery.metadata.uid,
    delivery.spec.application.name,
    delivery.spec.target.namespace,
    leftTo(delivery, set),
    delivery.spec.standby === true,
  ])

function remember(of: Prepared, name: string, prepared: readonly PreparedObject[]): readonly PreparedObject[] {
  of.set(name, prepared)
  const [oldest] = of.keys()
  if (of.size > mostRemembered && oldest !== undefined) of.delete(oldest)
  return prepared
}

function* prepareEach(delivery: Delivery, set: DeliverySet, key: HashKey): Generator<PreparedObject> {
  const leaveTo = leftTo(delivery, set)
  const standing = delivery.spec.standby === true ? computeStanding(set.objects) : () => 'as-ever' as const
  for (const from of set.crds) yield prepareOne(from, true)
  for (const from of set.objects) {
    const stands = standing(from)
    if (stands !== 'left-out') yield prepareOne(from, false, stands === 'as-ever' ? undefined : stands)
  }

  function prepareOne(from: KubeObject, fromCrdFolder: boolean, still?: Still): PreparedObject {
    const { status: _status, ...content } = from
    const metadata = prepareMeta(from.metadata, delivery, set, fromCrdFolder)
    const object: KubeObject = keepStill({ ...content, metadata }, still)
    const keep = from.metadata.annotations?.[keepPolicy]?.trim().toLowerCase() === 'keep'
    return {
      component: set.component,
      ref: refOf(object),
      object,
      hash: hashOf(object, key),
      fromCrdFolder,
      keep,
      leaveTo,
      ...(still === undefined ? {} : { still }),
    }
  }
}

function prepareMeta(from: ObjectMeta, delivery: Delivery, set: DeliverySet, fromCrdFolder: boolean): ObjectMeta {
  const { name, namespace, labels: theirLabels, annotations: theirAnnotations, finalizers, ownerReferences } = from
  // definitions of a crds folder belong to no release
  const helm = fromCrdFolder ? undefined : set.helm
  const annotations = {
    ...theirAnnotations,
    ...(helm === undefined
      ? {}
      : {
          'meta.helm.sh/release-name': helm.releaseName,
          'meta.helm.sh/release-namespace': delivery.spec.target.namespace,
        }),
  }
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    labels: {
      ...theirLabels,
      ...(helm === undefined ? {} : { 'app.kubernetes.io/managed-by': 'Helm' }),
      ...ownLabels(delivery, set.component),
    },
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    ...(finalizers === undefined ? {} : { finalizers }),
    ...(ownerReferences === undefined ? {} : { ownerReferences }),
  }
}
