import { type KubeObject, labels } from '@flotilla/model'
import { isConsumer } from '../delivery/standby.ts'
import { readField, readList, readNumber, readText } from '../health/read-field.ts'

/** Objects of one place as they were listed, in this order: what makes others is looked at before what it makes. */
export interface ActingObjects {
  /** With the label of the application. */
  readonly cronJobs: readonly KubeObject[]
  /** Deployments and StatefulSets with the label of the application. */
  readonly workloads: readonly KubeObject[]
  /** Of the namespace, as are those below: what a controller makes has no label of ours. */
  readonly replicaSets: readonly KubeObject[]
  readonly jobs: readonly KubeObject[]
  readonly pods: readonly KubeObject[]
}

/** What of an application acts by itself in one place. */
export interface ActingSight {
  /** Names of those that are not suspended. */
  readonly schedules: readonly string[]
  /** Jobs that have not ended: of its CronJobs, of its sets and of its hooks. */
  readonly jobs: readonly string[]
  readonly consumers: readonly ConsumerSight[]
  /** Pods of such Jobs and consumers that have not ended; one that is told to go may act to its last moment. */
  readonly pods: readonly string[]
}

export interface ConsumerSight {
  readonly name: string
  readonly wanted: number
  /** Pods that are there, or that its controller has not heard yet are to go. */
  readonly there: number
  readonly ready: number
}

export function computeActing(application: string, objects: ActingObjects): ActingSight {
  const isOurs = ({ metadata }: KubeObject): boolean => metadata.labels?.[labels.application] === application
  const cronJobs = objects.cronJobs.filter(isOurs)
  const consumers = objects.workloads.filter((object) => isOurs(object) && isConsumer(object))
  const cronUids = uidsOf(cronJobs)
  const jobs = objects.jobs.filter((job) => isOurs(job) || isOwnedBy(job, cronUids))
  const consumerUids = uidsOf(consumers)
  const owners = new Set([
    ...consumerUids,
    ...uidsOf(objects.replicaSets.filter((one) => isOwnedBy(one, consumerUids))),
    ...uidsOf(jobs),
  ])
  const names = cronJobs.map(({ metadata }) => metadata.name)
  const known = uidsOf(objects.jobs)
  // a Job that is gone may leave a pod behind for a moment, which only its name tells of
  const isLeft = (pod: KubeObject): boolean =>
    (pod.metadata.ownerReferences ?? []).some(
      ({ kind, uid, name }) => kind === 'Job' && !known.has(uid) && names.some((of) => name.startsWith(`${of}-`)),
    )
  const pods = objects.pods.filter((pod) => isRunning(pod) && (isOwnedBy(pod, owners) || isLeft(pod)))
  return {
    schedules: cronJobs
      .filter((one) => readField(one, 'spec', 'suspend') !== true)
      .map(({ metadata }) => metadata.name),
    jobs: jobs.filter((job) => !hasEnded(job)).map(({ metadata }) => metadata.name),
    consumers: consumers.map(lookAt),
    pods: pods.map(({ metadata }) => metadata.name),
  }
}

/** Why a place is not still; undefined when nothing in it acts, or can begin to. */
export function computeUnstill(sight: ActingSight): { readonly suspended: boolean; readonly why: string } | undefined {
  const [schedule] = sight.schedules
  if (schedule !== undefined) return { suspended: false, why: `CronJob ${schedule} to be suspended` }
  const scaled = sight.consumers.find(({ wanted }) => wanted > 0)
  if (scaled !== undefined) return { suspended: false, why: `${scaled.name} to be scaled to zero` }
  const [job] = sight.jobs
  if (job !== undefined) return { suspended: true, why: `Job ${job}${more(sight.jobs)} to end` }
  const [pod] = sight.pods
  if (pod !== undefined) return { suspended: true, why: `pod ${pod}${more(sight.pods)} to end` }
  const slow = sight.consumers.find(({ there }) => there > 0)
  return slow === undefined ? undefined : { suspended: true, why: `the pods of ${slow.name} to end` }
}

/** The first consumer of which no pod is ready; undefined when each that is wanted runs. */
export const findUnready = (sight: ActingSight): ConsumerSight | undefined =>
  sight.consumers.find(({ wanted, ready }) => wanted > 0 && ready === 0)

const more = (names: readonly string[]): string => (names.length === 1 ? '' : ` and ${names.length - 1} more`)

const uidsOf = (objects: readonly KubeObject[]): Set<string> =>
  new Set(objects.flatMap(({ metadata: { uid } }) => (uid === undefined ? [] : [uid])))

const isOwnedBy = ({ metadata }: KubeObject, uids: ReadonlySet<string>): boolean =>
  (metadata.ownerReferences ?? []).some(({ uid }) => uids.has(uid))

function hasEnded(job: KubeObject): boolean {
  const ended = readList(job, 'status', 'conditions').some(
    (condition) =>
      ['Complete', 'Failed'].includes(readText(condition, 'type') ?? '') && readText(condition, 'status') === 'True',
  )
  const rests = readField(job, 'spec', 'suspend') === true && (readNumber(job, 'status', 'active') ?? 0) === 0
  return ended || rests
}

const isRunning = (pod: KubeObject): boolean =>
  !['Succeeded', 'Failed'].includes(readText(pod, 'status', 'phase') ?? 'Pending')

function lookAt(object: KubeObject): ConsumerSight {
  const wanted = readNumber(object, 'spec', 'replicas') ?? 1
  const heard = (readNumber(object, 'status', 'observedGeneration') ?? 0) >= (object.metadata.generation ?? 0)
  const there = readNumber(object, 'status', 'replicas') ?? 0
  return {
    name: `${object.kind} ${object.metadata.name}`,
    wanted,
    there: heard ? there : Math.max(1, there),
    ready: heard ? (readNumber(object, 'status', 'readyReplicas') ?? 0) : 0,
  }
}
