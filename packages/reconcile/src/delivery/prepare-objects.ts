import { type Delivery, type KubeObject, labels, type ObjectMeta, refOf } from '@flotilla/model'
import { type HashKey, hashOf } from './hash.ts'
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

/** A set as it is sent: with our labels, with what plain helm asks of objects of its releases, without what only the API server writes. */
export function prepareObjects(delivery: Delivery, set: DeliverySet, key: HashKey): PreparedObject[] {
  const wanted = delivery.spec.desired?.components.find(({ name }) => name === set.component)
  const leaveTo = wanted?.leaveTo ?? []
  const prepare = (from: KubeObject, fromCrdFolder: boolean): PreparedObject => {
    const { status: _status, ...content } = from
    const object: KubeObject = {
      ...content,
      metadata: prepareMeta(from.metadata, delivery, set, fromCrdFolder),
    }
    const keep = from.metadata.annotations?.[keepPolicy]?.trim().toLowerCase() === 'keep'
    return {
      component: set.component,
      ref: refOf(object),
      object,
      hash: hashOf(object, key),
      fromCrdFolder,
      keep,
      leaveTo,
    }
  }
  return [...set.crds.map((object) => prepare(object, true)), ...set.objects.map((object) => prepare(object, false))]
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
