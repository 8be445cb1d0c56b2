import type { KubeObject } from '@flotilla/model'
import { readList, readNumber, readText } from './read-field.ts'

export interface Readiness {
  readonly ready: number
  readonly wanted: number
}

/** Pods ready and wanted, for kinds that run pods for good; undefined for every other. */
export function computeReadiness(object: KubeObject): Readiness | undefined {
  switch (object.kind) {
    case 'Deployment':
    case 'StatefulSet':
    case 'ReplicaSet':
    case 'ReplicationController':
      return {
        ready: readNumber(object, 'status', 'readyReplicas') ?? 0,
        wanted: readNumber(object, 'spec', 'replicas') ?? 1,
      }
    case 'DaemonSet':
      return {
        ready: readNumber(object, 'status', 'numberReady') ?? 0,
        wanted: readNumber(object, 'status', 'desiredNumberScheduled') ?? 0,
      }
    default:
      return undefined
  }
}

const podSpecs: readonly (readonly string[])[] = [
  ['spec', 'template', 'spec'],
  ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
]

/** Images that an object runs, in their order, each once. */
export function computeImages(object: KubeObject): string[] {
  const paths = object.kind === 'Pod' ? [['spec']] : podSpecs
  const images = paths.flatMap((path) =>
    ['initContainers', 'containers'].flatMap((list) =>
      readList(object, ...path, list).map((container) => readText(container, 'image')),
    ),
  )
  return [...new Set(images.filter((image) => image !== undefined))]
}
