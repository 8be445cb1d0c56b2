import { type Health, type KubeObject, labels, refOf, isRecord } from '@flotilla/model'
import {
  computeHealth,
  computeImages,
  computeReadiness,
  contentHash,
  type HashKey,
  runsPods,
} from '@flotilla/reconcile'
import type { LiveObject } from '../live-state.ts'

/** What is kept of one delivered object: what others may see, and what is needed to see more. */
export interface LiveItem {
  readonly deliveryUid: string
  readonly live: LiveObject
  /** The hash to use once an autoscaler is known to set the number of replicas; absent where there is none. */
  readonly hashWithoutReplicas?: string | undefined
  /** Health by the object's own status, before its pods were asked. */
  readonly ownHealth: Health
  /** Label selector of its pods, only while they may explain why it is not well. */
  readonly podSelector?: string | undefined
}

/** Keeps of an object what the delivery side needs; everything else is let go at once. */
export function projectObject(object: KubeObject, key: HashKey): LiveItem {
  const { metadata } = object
  const health = computeHealth(object)
  const readiness = computeReadiness(object)
  const unwell = health.state !== 'Healthy' && health.state !== 'Suspended'
  const selector = unwell && runsPods(object) ? podSelector(object) : undefined
  const scalable = isRecord(object['spec']) && object['spec']['replicas'] !== undefined
  return {
    deliveryUid: metadata.labels?.[labels.delivery] ?? '',
    ownHealth: health,
    ...(scalable ? { hashWithoutReplicas: hashOf(object, key, { withoutReplicas: true }) } : {}),
    ...(selector === undefined ? {} : { podSelector: selector }),
    live: {
      ref: refOf(object),
      uid: metadata.uid ?? '',
      resourceVersion: metadata.resourceVersion ?? '',
      contentHash: hashOf(object, key),
      health,
      images: computeImages(object),
      ...readiness,
      scaledByOther: false,
      component: metadata.labels?.[labels.component] ?? '',
    },
  }
}

/** Of an object that nests too deep for one, its version: it must not blind the watch to all others of its kind. */
function hashOf(object: KubeObject, key: HashKey, options?: Parameters<typeof contentHash>[2]): string {
  try {
    return contentHash(object, key, options)
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown
    return `too deep at ${object.metadata.resourceVersion ?? ''}`
  }
}

/** `spec.selector` as a query; undefined when it would select everything. */
function podSelector(object: KubeObject): string | undefined {
  const spec = isRecord(object['spec']) ? object['spec'] : {}
  const selector = isRecord(spec['selector']) ? spec['selector'] : {}
  const parts: string[] = []
  const matchLabels = isRecord(selector['matchLabels']) ? selector['matchLabels'] : {}
  for (const [name, value] of Object.entries(matchLabels)) parts.push(`${name}=${String(value)}`)
  const expressions: unknown[] = Array.isArray(selector['matchExpressions']) ? selector['matchExpressions'] : []
  for (const expression of expressions) {
    if (!isRecord(expression)) continue
    const name = String(expression['key'])
    const values = Array.isArray(expression['values']) ? expression['values'].join(',') : ''
    switch (expression['operator']) {
      case 'In':
        parts.push(`${name} in (${values})`)
        break
      case 'NotIn':
        parts.push(`${name} notin (${values})`)
        break
      case 'Exists':
        parts.push(name)
        break
      case 'DoesNotExist':
        parts.push(`!${name}`)
        break
      default:
        break
    }
  }
  return parts.length === 0 ? undefined : parts.join(',')
}
