import type { HealthState, KubeObject } from '@flotilla/model'
import {
  computeHealth,
  computeImages,
  computeReadiness,
  readField,
  readList,
  readNumber,
  readText,
} from '@flotilla/reconcile'
import { podState } from './pod-state.ts'
import type { SlimRow } from './slim-row.ts'
import type { WordPool } from './word-pool.ts'

/** What of a row is told by the kind; the rest is told by the metadata. */
type Told = Partial<Omit<SlimRow, 'namespace' | 'name' | 'createdAt' | 'labels'>> & Pick<SlimRow, 'state'>
export type Projection = (object: KubeObject, pool: WordPool) => SlimRow

const longestMessage = 300

const of =
  (tell: (object: KubeObject) => Told): Projection =>
  (object, pool) => {
    const { metadata } = object
    const told = tell(object)
    const message = told.message?.slice(0, longestMessage)
    return {
      namespace: pool.word(metadata.namespace ?? ''),
      name: metadata.name,
      createdAt: seconds(metadata.creationTimestamp) ?? 0,
      state: pool.word(told.state),
      health: told.health,
      message: message === undefined || message === '' ? undefined : pool.word(message),
      labels: pool.labels(metadata.labels),
      owner: pool.maybe(told.owner ?? ownerOf(object)),
      node: pool.maybe(told.node),
      images: pool.list(told.images ?? []),
      ready: told.ready,
      wanted: told.wanted,
      count: told.count,
      lastAt: told.lastAt,
      address: told.address,
      detail: pool.maybe(told.detail),
    }
  }

export const podRow = of((pod) => {
  const { state, restarts, restartedAt } = podState(pod)
  const { state: health, message } = computeHealth(pod)
  const statuses = readList(pod, 'status', 'containerStatuses')
  return {
    state,
    health,
    message,
    node: readText(pod, 'spec', 'nodeName'),
    images: computeImages(pod),
    ready: statuses.filter((status) => readField(status, 'ready') === true).length,
    wanted: readList(pod, 'spec', 'containers').length,
    count: restarts,
    lastAt: seconds(restartedAt),
    address: readText(pod, 'status', 'podIP'),
  }
})

/** A workload that runs pods for good. */
export const workloadRow = of((object) => ({
  ...healthOf(object),
  images: computeImages(object),
  ...computeReadiness(object),
}))

const jobStates = { Healthy: 'Complete', Progressing: 'Running' } as const

export const jobRow = of((job) => ({
  ...healthOf(job, jobStates),
  images: computeImages(job),
  ready: readNumber(job, 'status', 'succeeded') ?? 0,
  wanted: readNumber(job, 'spec', 'completions') ?? 1,
  count: readNumber(job, 'status', 'active') ?? 0,
  lastAt: seconds(readText(job, 'status', 'completionTime')),
}))

export const cronJobRow = of((job) => ({
  ...healthOf(job),
  images: computeImages(job),
  count: readList(job, 'status', 'active').length,
  lastAt: seconds(readText(job, 'status', 'lastScheduleTime')),
  detail: readText(job, 'spec', 'schedule'),
}))

export const nodeRow = of((node) => {
  const conditions = readList(node, 'status', 'conditions')
  const statusOf = (type: string) => conditions.find((one) => readText(one, 'type') === type)
  const ready = statusOf('Ready')
  const isReady = readText(ready, 'status') === 'True'
  const pressed = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'NetworkUnavailable'].filter(
    (type) => readText(statusOf(type), 'status') === 'True',
  )
  const cordoned = readField(node, 'spec', 'unschedulable') === true
  const roles = Object.keys(node.metadata.labels ?? {})
    .filter((label) => label.startsWith(rolePrefix))
    .map((label) => label.slice(rolePrefix.length))
  return {
    state: isReady ? (cordoned ? 'Cordoned' : 'Ready') : 'NotReady',
    health: isReady ? (pressed.length > 0 ? 'Degraded' : cordoned ? 'Suspended' : 'Healthy') : 'Degraded',
    message: isReady ? pressed.join(', ') : readText(ready, 'message'),
    owner: roles.length === 0 ? undefined : roles.sort().join(','),
    address: readText(
      readList(node, 'status', 'addresses').find((one) => readText(one, 'type') === 'InternalIP'),
      'address',
    ),
    detail: readText(node, 'status', 'nodeInfo', 'kubeletVersion'),
  }
})
const rolePrefix = 'node-role.kubernetes.io/'

export const serviceRow = of((service) => {
  const { state: health, message } = computeHealth(service)
  const ports = readList(service, 'spec', 'ports').map((port) => {
    const node = readNumber(port, 'nodePort')
    return `${readNumber(port, 'port') ?? '?'}${node === undefined ? '' : `:${node}`}/${readText(port, 'protocol') ?? 'TCP'}`
  })
  const given = readList(service, 'status', 'loadBalancer', 'ingress').map(
    (one) => readText(one, 'ip') ?? readText(one, 'hostname'),
  )
  return {
    state: readText(service, 'spec', 'type') ?? 'ClusterIP',
    health,
    message,
    address: [readText(service, 'spec', 'clusterIP'), ...given].filter((one) => one !== undefined).join(', '),
    detail: ports.join(', '),
  }
})

export const eventRow = of((event) => ({
  state: readText(event, 'type') ?? 'Normal',
  message: readText(event, 'message'),
  owner: `${readText(event, 'involvedObject', 'kind') ?? '?'}/${readText(event, 'involvedObject', 'name') ?? '?'}`,
  count: readNumber(event, 'series', 'count') ?? readNumber(event, 'count') ?? 1,
  lastAt: seconds(
    readText(event, 'series', 'lastObservedTime') ??
      readText(event, 'lastTimestamp') ??
      readText(event, 'eventTime') ??
      event.metadata.creationTimestamp,
  ),
  detail: readText(event, 'reason'),
}))

function healthOf(
  object: KubeObject,
  words: Partial<Record<HealthState, string>> = {},
): { state: string; health: HealthState; message: string } {
  const { state, message } = computeHealth(object)
  return { state: words[state] ?? state, health: state, message }
}

function ownerOf({ metadata }: KubeObject): string | undefined {
  const owners = metadata.ownerReferences ?? []
  const owner = owners.find(({ controller }) => controller === true) ?? owners[0]
  return owner === undefined ? undefined : `${owner.kind}/${owner.name}`
}

function seconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.floor(at / 1000)
}
