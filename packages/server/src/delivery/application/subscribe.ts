import { type Cluster, canonicalJson } from '@flotilla/model'
import { projectNamespace, workspaceNamespace } from '@flotilla/model'
import type { FleetConnections } from '../../fleet/connections.ts'
import type { HostState } from '../../fleet/host-state.ts'
import type { CapabilityMemory } from './capabilities.ts'
import { applicationOf } from './observe-host.ts'

export interface SubscribeDeps {
  readonly state: HostState
  readonly fleet: Pick<FleetConnections, 'onChange'>
  readonly capabilities: CapabilityMemory
}

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
      enqueue(`${namespace}/${application}`)
      for (const other of state.applications.list(namespace))
        if (other.spec.dependsOn?.includes(application) === true) enqueue(`${namespace}/${other.metadata.name}`)
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
  return () => ends.forEach((end) => end())
}

function fingerprint(cluster: Cluster | undefined): string {
  if (cluster === undefined) return 'gone'
  const { labels, annotations, deletionTimestamp } = cluster.metadata
  return canonicalJson({ labels, annotations, deletionTimestamp })
}
