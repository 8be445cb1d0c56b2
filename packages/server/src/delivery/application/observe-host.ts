import {
  annotations,
  choosesCluster,
  type Delivery,
  type Known,
  known,
  type Project,
  projectNamespace,
  type Release,
  unknown,
  workspaceNamespace,
} from '@flotilla/model'
import type { ObservedCluster, Siblings } from '@flotilla/reconcile'
import type { FleetConnections } from '../../fleet/connections.ts'
import type { HostState } from '../../fleet/host-state.ts'

/** The project whose host namespace this is. */
export function observeProject(state: HostState, namespace: string): Known<Project | undefined> {
  const found = state.projects.list().filter(({ metadata }) => projectNamespace(metadata.name) === namespace)
  // of two with one name, the one that was given the namespace
  const project = found.find(({ status }) => status?.namespace === namespace) ?? found[0]
  if (project !== undefined) return known(project)
  const hidden = [...state.projects.unreadable].find(([key]) => projectNamespace(nameOf(key)) === namespace)
  return hidden === undefined ? known(undefined) : unknown(`project ${nameOf(hidden[0])} cannot be read: ${hidden[1]}`)
}

export function observeDeliveries(state: HostState, namespace: string, application: string): Known<Delivery[]> {
  const hidden = [...state.deliveries.unreadable].find(
    ([key]) => key.startsWith(`${namespace}/`) && applicationOf(nameOf(key)) === application,
  )
  if (hidden !== undefined) return unknown(`delivery ${nameOf(hidden[0])} cannot be read: ${hidden[1]}`)
  return known(state.deliveries.list(namespace).filter(({ spec }) => spec.application.name === application))
}

export function observeReleases(state: HostState, namespace: string, application: string): Known<Release[]> {
  // which application one is of is not known when it cannot be read
  const hidden = [...state.releases.unreadable].find(([key]) => key.startsWith(`${namespace}/`))
  if (hidden !== undefined) return unknown(`release ${nameOf(hidden[0])} cannot be read: ${hidden[1]}`)
  return known(
    state.releases
      .list(namespace)
      .filter(({ metadata, spec }) => spec.application === application && metadata.deletionTimestamp === undefined),
  )
}

/**
 * The clusters that the project may use. Unknown when one that something was delivered to cannot be read: it would
 * look as if it were gone.
 */
export function observeClusters(
  state: HostState,
  fleet: Pick<FleetConnections, 'get'>,
  project: Known<Project | undefined>,
  deliveries: Known<readonly Delivery[]>,
): Known<ObservedCluster[]> {
  if (!project.known) return project
  if (project.value === undefined) return known([])
  for (const delivery of deliveries.known ? deliveries.value : []) {
    const { cluster } = delivery.spec.target
    const why = state.clusters.unreadable.get(`/${cluster}`)
    if (why !== undefined) return unknown(`cluster ${cluster} cannot be read: ${why}`)
  }
  const namespace = project.value.metadata.namespace ?? ''
  const workspace = state.workspaces.list().find(({ metadata }) => workspaceNamespace(metadata.name) === namespace)
  if (workspace === undefined) return unknown(`the workspace of ${namespace} is not known`)
  const clusters = state.clusters.list().flatMap((cluster): ObservedCluster[] => {
    const { name, labels = {}, deletionTimestamp } = cluster.metadata
    if (!choosesCluster(workspace.spec.clusters, { name, labels })) return []
    const connection = fleet.get(name)?.connection
    const removal = cluster.metadata.annotations?.[annotations.objects] === 'delete' ? 'Delete' : 'Keep'
    return [
      {
        name,
        labels,
        connection: connection?.state ?? 'connecting',
        since: connection?.since ?? cluster.metadata.creationTimestamp ?? '',
        ...(deletionTimestamp === undefined ? {} : { removal }),
      },
    ]
  })
  return known(clusters)
}

export function observeSiblings(state: HostState, namespace: string, dependsOn: readonly string[]): Known<Siblings> {
  const hidden = dependsOn.find((name) => state.applications.unreadable.has(`${namespace}/${name}`))
  if (hidden !== undefined) return unknown(`application ${hidden} cannot be read`)
  const wanted = new Set(dependsOn)
  return known({
    applications: Object.fromEntries(
      state.applications.list(namespace).map(({ metadata, spec }) => [metadata.name, spec]),
    ),
    deliveries:
      wanted.size === 0 ? [] : state.deliveries.list(namespace).filter(({ spec }) => wanted.has(spec.application.name)),
  })
}

const nameOf = (key: string): string => key.slice(key.indexOf('/') + 1)

/** The application in the name of a Delivery: it comes first, and holds no dot. */
export const applicationOf = (delivery: string): string => delivery.split('.')[0] ?? delivery
