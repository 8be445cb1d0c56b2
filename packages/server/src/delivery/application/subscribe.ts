import { canonicalJson, type Cluster, type Delivery, projectNamespace, workspaceNamespace } from '@flotilla/model'
import type { FleetConnections } from '../../fleet/connections.ts'
import type { HostState } from '../../fleet/host-state.ts'
import type { CapabilityMemory } from './capabilities.ts'
import { applicationOf } from './observe-host.ts'

export interface SubscribeDeps {
  readonly state: HostState
  readonly fleet: Pick<FleetConnections, 'onChange'>
  readonly capabilities: CapabilityMemory
}

/** Words of progress alone are told this much later, and together: a delivery of a moment writes several of them. */
const wordsMs = 500

/** Which applications to look at when something changes. Enqueueing one too many costs a look, one too few is a fault. */
export function subscribeApplications(
  { state, fleet, capabilities }: SubscribeDeps,
  enqueue: (key: string) => void,
): () => void {
  const all = (namespace?: string): void => {
    for (const { metadata } of state.applications.list(namespace))
      enqueue(`${metadata.namespace ?? ''}/${metadata.name}`)
  }
  const seenClusters = new Map<string, string>()
  const seenDeliveries = new Map<string, string>()
  const later = new Map<string, NodeJS.Timeout>()
  const lookLater = (key: string): void => {
    if (later.has(key)) return
    const timer = setTimeout(() => {
      later.delete(key)
      enqueue(key)
    }, wordsMs)
    timer.unref()
    later.set(key, timer)
  }
  const lookNow = (key: string): void => {
    clearTimeout(later.get(key))
    later.delete(key)
    enqueue(key)
  }
  const ends = [
    state.applications.onChange((key) => {
      enqueue(key)
      const [namespace = '', name = ''] = key.split('/')
      // circles and missing ones show in the others as well
      for (const other of state.applications.list(namespace))
        if (other.spec.dependsOn?.includes(name) === true) enqueue(`${namespace}/${other.metadata.name}`)
    }),
    state.deliveries.onChange((key, delivery) => {
      const [namespace = '', name = ''] = key.split('/')
      const application = delivery?.spec.application.name ?? applicationOf(name)
      const said = delivery === undefined ? undefined : decisiveOf(delivery)
      const same = said !== undefined && seenDeliveries.get(key) === said
      if (said === undefined) seenDeliveries.delete(key)
      else seenDeliveries.set(key, said)
      if (same) return lookLater(`${namespace}/${application}`)
      lookNow(`${namespace}/${application}`)
      for (const other of state.applications.list(namespace))
        if (other.spec.dependsOn?.includes(application) === true) enqueue(`${namespace}/${other.metadata.name}`)
    }),
    state.releases.onChange((key, release) => {
      const [namespace = ''] = key.split('/')
      if (release !== undefined) return enqueue(`${namespace}/${release.spec.application}`)
      for (const { metadata, spec } of state.applications.list(namespace))
        if (spec.mode === 'governed') enqueue(`${namespace}/${metadata.name}`)
    }),
    state.projects.onChange((key) => all(projectNamespace(key.slice(key.indexOf('/') + 1)))),
    state.workspaces.onChange((key) => {
      const namespace = workspaceNamespace(key.slice(key.indexOf('/') + 1))
      for (const { metadata } of state.projects.list(namespace)) all(projectNamespace(metadata.name))
    }),
    state.credentials.onChange((key) => all(key.slice(0, key.indexOf('/')))),
    state.clusters.onChange((key, cluster) => {
      // its status changes all the time and decides nothing here
      const said = fingerprint(cluster)
      if (seenClusters.get(key) === said) return
      seenClusters.set(key, said)
      all()
    }),
    fleet.onChange((cluster) => {
      capabilities.forget(cluster)
      all()
    }),
  ]
  return () => {
    ends.forEach((end) => end())
    for (const timer of later.values()) clearTimeout(timer)
  }
}

const working = new Set(['DryRun', 'PreHooks', 'Applying', 'PostHooks', 'Pruning'])

/** What of a Delivery an application decides on; the rest says how far its work is. */
function decisiveOf({ metadata, spec, status }: Delivery): string {
  const { labels, annotations, finalizers, deletionTimestamp } = metadata
  const { phase, applied, health, message, unknownSince, components } = status ?? {}
  const step = phase !== undefined && working.has(phase) ? 'Working' : phase
  return canonicalJson([
    { labels, annotations, finalizers, deletionTimestamp },
    spec,
    { step, applied, health, message, unknownSince, components },
  ])
}

function fingerprint(cluster: Cluster | undefined): string {
  if (cluster === undefined) return 'gone'
  const { labels, annotations, deletionTimestamp } = cluster.metadata
  return canonicalJson({ labels, annotations, deletionTimestamp })
}
