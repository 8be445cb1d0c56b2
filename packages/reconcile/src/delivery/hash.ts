import { createHash } from 'node:crypto'
import type { KubeObject } from '@flotilla/model'

/** JSON with sorted keys: equal content gives equal text, whatever the order in which it was written. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, at: unknown) => {
    if (typeof at !== 'object' || at === null || Array.isArray(at)) return at
    return Object.fromEntries(Object.entries(at).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

/** 128 bits of SHA-256 over the canonical JSON, as base64url. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('base64url').slice(0, 22)
}

/** Annotations that Kubernetes' own controllers write on objects of ours: never drift. */
const writtenByControllers = [
  'deployment.kubernetes.io/revision',
  'deprecated.daemonset.template.generation',
  'pv.kubernetes.io/',
  'volume.kubernetes.io/',
  'volume.beta.kubernetes.io/',
]

/**
 * Hash over what somebody may have changed: everything but status and what the API server counts and keeps. Where an
 * autoscaler owns the number of replicas, that number is left out as well.
 */
export function contentHash(object: KubeObject, options: { readonly withoutReplicas?: boolean } = {}): string {
  const { status: _status, metadata, ...content } = object
  const { name, namespace, labels, annotations } = metadata
  const kept = Object.entries(annotations ?? {}).filter(
    ([key]) => !writtenByControllers.some((prefix) => key.startsWith(prefix)),
  )
  const { spec } = content
  if (options.withoutReplicas === true && typeof spec === 'object' && spec !== null) {
    const { replicas: _replicas, ...rest } = { replicas: undefined, ...spec }
    content['spec'] = rest
  }
  return hashOf({ ...content, metadata: { name, namespace, labels, annotations: Object.fromEntries(kept) } })
}
