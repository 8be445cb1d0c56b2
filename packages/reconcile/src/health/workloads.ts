import type { Health, KubeObject } from '@flotilla/model'
import { conditionText, health, healthy, readConditions } from './conditions.ts'
import { readField, readNumber, readText } from './read-field.ts'

const notSeenYet = health('Progressing', 'its controller has not looked at it yet')

const pods = (count: number): string => (count === 1 ? '1 pod' : `${count} pods`)

export function deploymentHealth(object: KubeObject): Health {
  if (readNumber(object, 'status', 'observedGeneration') === undefined) return notSeenYet
  const wanted = readNumber(object, 'spec', 'replicas') ?? 1
  const replicas = count(object, 'replicas')
  const updated = count(object, 'updatedReplicas')
  const available = count(object, 'availableReplicas')
  const conditions = readConditions(object)
  const progress = conditions.get('Progressing')
  if (progress?.reason === 'ProgressDeadlineExceeded') {
    const seconds = readNumber(object, 'spec', 'progressDeadlineSeconds') ?? 600
    const text = `${available} of ${pods(wanted)} available; no progress within ${seconds} s`
    return health(available > 0 ? 'Degraded' : 'Failed', text)
  }
  const replicaFailure = conditions.get('ReplicaFailure')
  if (replicaFailure?.status === 'True') {
    return health('Degraded', `its pods cannot be made: ${conditionText(replicaFailure)}`)
  }
  if (readField(object, 'spec', 'paused') === true) {
    return updated === wanted && replicas === wanted ? healthy : health('Suspended', 'its rollout is paused')
  }
  if (updated < wanted) return health('Progressing', `${updated} of ${pods(wanted)} updated`)
  if (replicas > updated) return health('Progressing', `${pods(replicas - updated)} of the version before still there`)
  if (available < wanted) return health('Progressing', `${available} of ${pods(wanted)} available`)
  return healthy
}

export function statefulSetHealth(object: KubeObject): Health {
  if (readNumber(object, 'status', 'observedGeneration') === undefined) return notSeenYet
  const wanted = readNumber(object, 'spec', 'replicas') ?? 1
  const replicas = count(object, 'replicas')
  const ready = count(object, 'readyReplicas')
  const updated = count(object, 'updatedReplicas')
  if (replicas > wanted) return health('Progressing', `${pods(replicas - wanted)} too many still there`)
  if (ready < wanted) return health('Progressing', `${ready} of ${pods(wanted)} ready`)
  if (readText(object, 'spec', 'updateStrategy', 'type') === 'OnDelete') return healthy
  const partition = readNumber(object, 'spec', 'updateStrategy', 'rollingUpdate', 'partition') ?? 0
  const toUpdate = Math.max(0, wanted - partition)
  if (partition > 0) {
    return updated < toUpdate ? health('Progressing', `${updated} of ${pods(toUpdate)} updated`) : healthy
  }
  const current = readText(object, 'status', 'currentRevision')
  const update = readText(object, 'status', 'updateRevision')
  return current === update ? healthy : health('Progressing', `${updated} of ${pods(wanted)} updated`)
}

export function daemonSetHealth(object: KubeObject): Health {
  if (readNumber(object, 'status', 'observedGeneration') === undefined) return notSeenYet
  const wanted = readNumber(object, 'status', 'desiredNumberScheduled')
  if (wanted === undefined) return notSeenYet
  const updated = count(object, 'updatedNumberScheduled')
  const available = count(object, 'numberAvailable')
  const onDelete = readText(object, 'spec', 'updateStrategy', 'type') === 'OnDelete'
  if (!onDelete && updated < wanted) return health('Progressing', `updated on ${updated} of ${nodes(wanted)}`)
  if (available < wanted) return health('Progressing', `available on ${available} of ${nodes(wanted)}`)
  return healthy
}

/** Also ReplicationControllers, which say the same. */
export function replicaSetHealth(object: KubeObject): Health {
  if (readNumber(object, 'status', 'observedGeneration') === undefined) return notSeenYet
  const failure = readConditions(object).get('ReplicaFailure')
  if (failure?.status === 'True') return health('Degraded', `its pods cannot be made: ${conditionText(failure)}`)
  const wanted = readNumber(object, 'spec', 'replicas') ?? 1
  const replicas = count(object, 'replicas')
  const available = count(object, 'availableReplicas')
  if (replicas > wanted) return health('Progressing', `${pods(replicas - wanted)} too many still there`)
  return available < wanted ? health('Progressing', `${available} of ${pods(wanted)} available`) : healthy
}

const nodes = (count: number): string => (count === 1 ? '1 node' : `${count} nodes`)

/** A counter of the status; Kubernetes leaves out a zero. */
const count = (object: KubeObject, name: string): number => readNumber(object, 'status', name) ?? 0
