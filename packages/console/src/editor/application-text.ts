import type { KubeObjectShape } from '@flotilla/api'
import { asEverybodyReads } from '@flotilla/model/yaml'
import { stringify } from 'yaml'

/** What the API server writes for itself; nobody edits it. */
const serverWritten = new Set([
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'managedFields',
  'selfLink',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'finalizers',
  'ownerReferences',
])

/** Annotations by which the server and kubectl keep book; they come back by themselves. */
const bookkeeping = new Set(['flotilla.dev/changed-by', 'kubectl.kubernetes.io/last-applied-configuration'])

function declaredMetadata(metadata: KubeObjectShape['metadata']): Record<string, unknown> {
  const { annotations = {}, ...others } = metadata
  const kept = Object.fromEntries(Object.entries(others).filter(([key]) => !serverWritten.has(key)))
  const noted = Object.entries(annotations).filter(([key]) => !bookkeeping.has(key))
  return noted.length === 0 ? kept : { ...kept, annotations: Object.fromEntries(noted) }
}

/** An object without status and without what the API server writes: what a person declares. */
export function declaredPart(object: KubeObjectShape): Record<string, unknown> {
  const { status: _, metadata, ...rest } = object
  // the order in which one reads it
  const { apiVersion, kind, ...body } = rest
  return { apiVersion, kind, metadata: declaredMetadata(metadata), ...body }
}

/** The declared part as YAML. */
export function writeApplication(object: KubeObjectShape): string {
  return stringify(declaredPart(object), asEverybodyReads)
}

/** What a new application begins as. */
export function newApplicationText(): string {
  return `apiVersion: flotilla.dev/v1alpha1
kind: Application
metadata:
  name: my-app
spec:
  components:
    - name: web
      helm:
        chart:
          oci:
            url: oci://registry.example/charts/web
            version: 1.0.0
      values: {}
  # Which of the project's targets; all when left out
  placement: {}
`
}
