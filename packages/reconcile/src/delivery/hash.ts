import { createHash, createHmac } from 'node:crypto'
import { type KubeObject, canonicalJson } from '@flotilla/model'

/** Keys hashes that cover values of Secrets and leave the process: without it they could be guessed from their hash. */
export type HashKey = Uint8Array

/** 128 bits of SHA-256 over the canonical JSON, as base64url; with a key, of its HMAC. */
export function hashOf(value: unknown, key?: HashKey): string {
  const hash = key === undefined ? createHash('sha256') : createHmac('sha256', key)
  return hash.update(canonicalJson(value)).digest('base64url').slice(0, 22)
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
export function contentHash(
  object: KubeObject,
  key: HashKey,
  options: { readonly withoutReplicas?: boolean } = {},
): string {
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
  return hashOf({ ...content, metadata: { name, namespace, labels, annotations: Object.fromEntries(kept) } }, key)
}
