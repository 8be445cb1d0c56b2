import type { KubeObject } from '@flotilla/model'

const hidden = '(secret)'

/** A copy for people's eyes: no managedFields, no values of Secrets, nothing of what `kubectl apply` copied into an annotation. */
export function redactObject(object: KubeObject): KubeObject {
  const { managedFields: _managed, ...metadata } = object.metadata
  const copy: KubeObject = { ...object, metadata }
  if (object.metadata.annotations !== undefined) {
    const { 'kubectl.kubernetes.io/last-applied-configuration': last, ...annotations } = object.metadata.annotations
    copy.metadata.annotations = last === undefined ? annotations : { ...annotations, [lastApplied]: hidden }
  }
  if (object.kind === 'Secret' && object.apiVersion === 'v1')
    for (const field of ['data', 'stringData'] as const) {
      const values = object[field]
      if (typeof values === 'object' && values !== null)
        copy[field] = Object.fromEntries(Object.keys(values).map((key) => [key, hidden]))
    }
  return copy
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'
