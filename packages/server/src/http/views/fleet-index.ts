import { type Application, type Delivery, type Project, projectNamespace, workspaceNamespace } from '@flotilla/model'
import type {
  ApplicationDetail,
  ApplicationRow,
  ClusterDetail,
  ClusterRow,
  ProjectRow,
  WorkspaceRow,
} from '@flotilla/api'
import type { FleetConnections } from '../../fleet/connections.ts'
import type { HostState } from '../../fleet/host-state.ts'
import {
  applicationDetail,
  type ApplicationParts,
  applicationRow,
  projectOfNamespace,
  workspaceOfProject,
} from './application-view.ts'
import { clusterDetail, clusterRow } from './cluster-view.ts'
import { projectRow, workspaceRow } from './tenant-view.ts'

export type IndexTopic = 'applications' | 'clusters' | 'projects' | 'workspaces'

export interface IndexChange {
  readonly topic: IndexTopic
  /** `project/name` of an application, else the name. */
  readonly key: string
  /** Host namespace of what changed; empty for what is cluster-scoped. Rights are asked for there. */
  readonly namespace: string
}

/** What the lists and the live stream show, kept ready: a change touches only the rows that it concerns. */
export interface FleetIndex {
  readonly state: HostState
  parts(project: string, application: string): ApplicationParts | undefined
  applicationRow(key: string): ApplicationRow | undefined
  applicationRows(): readonly ApplicationRow[]
  applicationDetail(project: string, application: string): ApplicationDetail | undefined
  clusterRow(name: string): ClusterRow | undefined
  clusterRows(): readonly ClusterRow[]
  clusterDetail(name: string): ClusterDetail | undefined
  projectRow(name: string): ProjectRow | undefined
  projectRows(): readonly ProjectRow[]
  workspaceRow(name: string): WorkspaceRow | undefined
  workspaceRows(): readonly WorkspaceRow[]
  onChange(listener: (change: IndexChange) => void): () => void
  close(): void
}

export function createFleetIndex(options: {
  readonly state: HostState
  readonly fleet: Pick<FleetConnections, 'get' | 'onChange'>
}): FleetIndex {
  const { state, fleet } = options
  const ofApplication = new Map<string, Map<string, Delivery>>()
  const ofCluster = new Map<string, Map<string, Delivery>>()
  const placeOf = new Map<string, { application: string; cluster: string }>()
  const rows = new Map<string, ApplicationRow>()
  const clusterRows = new Map<string, ClusterRow>()
  const listeners = new Set<(change: IndexChange) => void>()

  const tell = (change: IndexChange): void => {
    for (const listener of listeners) listener(change)
  }
  const touchApplication = (namespace: string, name: string): void => {
    const project = projectOfNamespace(namespace)
    if (project === undefined) return
    rows.delete(`${project}/${name}`)
    tell({ topic: 'applications', key: `${project}/${name}`, namespace })
  }
  const touchCluster = (name: string): void => {
    clusterRows.delete(name)
    tell({ topic: 'clusters', key: name, namespace: '' })
  }
  /** Its row counts what is in its namespace. */
  const touchWorkspace = (namespace: string): void => {
    const prefix = workspaceNamespace('')
    if (namespace.startsWith(prefix)) tell({ topic: 'workspaces', key: namespace.slice(prefix.length), namespace: '' })
  }
  const touchDelivery = (key: string, delivery: Delivery | undefined): void => {
    const before = placeOf.get(key)
    const { namespace } = splitKey(key)
    if (before !== undefined) {
      drop(ofApplication, before.application, key)
      drop(ofCluster, before.cluster, key)
      placeOf.delete(key)
    }
    if (delivery !== undefined) {
      const place = {
        application: `${namespace}/${delivery.spec.application.name}`,
        cluster: delivery.spec.target.cluster,
      }
      placeOf.set(key, place)
      put(ofApplication, place.application, key, delivery)
      put(ofCluster, place.cluster, key, delivery)
    }
    const places = [before, placeOf.get(key)].filter((place) => place !== undefined)
    for (const application of new Set(places.map((place) => place.application)))
      touchApplication(namespace, splitKey(application).name)
    for (const cluster of new Set(places.map((place) => place.cluster))) touchCluster(cluster)
  }

  const stops = [
    state.applications.onChange((key) => {
      const { namespace, name } = splitKey(key)
      touchApplication(namespace, name)
      const project = projectOfNamespace(namespace)
      const found = project === undefined ? undefined : findProject(state, project)
      if (found !== undefined)
        tell({ topic: 'projects', key: found.metadata.name, namespace: found.metadata.namespace ?? '' })
    }),
    state.deliveries.onChange(touchDelivery),
    state.clusters.onChange((key) => touchCluster(splitKey(key).name)),
    state.projects.onChange((key) => {
      const { namespace, name } = splitKey(key)
      tell({ topic: 'projects', key: name, namespace })
      touchWorkspace(namespace)
    }),
    state.memberships.onChange((key) => touchWorkspace(splitKey(key).namespace)),
    state.workspaces.onChange((key) => tell({ topic: 'workspaces', key: splitKey(key).name, namespace: '' })),
    fleet.onChange((cluster) => {
      touchCluster(cluster)
      const concerned = new Set<string>()
      for (const key of ofCluster.get(cluster)?.keys() ?? []) {
        const place = placeOf.get(key)
        if (place !== undefined) concerned.add(place.application)
      }
      for (const application of concerned) {
        const { namespace, name } = splitKey(application)
        touchApplication(namespace, name)
      }
    }),
  ]

  const partsOf = (application: Application): ApplicationParts | undefined => {
    const namespace = application.metadata.namespace ?? ''
    const project = projectOfNamespace(namespace)
    if (project === undefined) return undefined
    return {
      application,
      project,
      workspace: workspaceOfProject(findProject(state, project)),
      deliveries: [...(ofApplication.get(`${namespace}/${application.metadata.name}`)?.values() ?? [])],
      cluster: (name) => fleet.get(name),
    }
  }
  const parts = (project: string, name: string): ApplicationParts | undefined => {
    const application = state.applications.get(projectNamespace(project), name)
    return application === undefined ? undefined : partsOf(application)
  }
  const rowOf = (key: string): ApplicationRow | undefined => {
    const cached = rows.get(key)
    if (cached !== undefined) return cached
    const { namespace: project, name } = splitKey(key)
    const found = parts(project, name)
    if (found === undefined) return undefined
    const row = applicationRow(found)
    rows.set(key, row)
    return row
  }
  const clusterParts = (name: string) => {
    const cluster = state.clusters.get('', name)
    if (cluster === undefined) return undefined
    return { cluster, entry: fleet.get(name), deliveries: [...(ofCluster.get(name)?.values() ?? [])] }
  }
  const clusterRowOf = (name: string): ClusterRow | undefined => {
    const cached = clusterRows.get(name)
    if (cached !== undefined) return cached
    const found = clusterParts(name)
    if (found === undefined) return undefined
    const row = clusterRow(found)
    clusterRows.set(name, row)
    return row
  }
  const countApplications = (project: string): number => state.applications.list(projectNamespace(project)).length
  const projectRowOf = (name: string): ProjectRow | undefined => {
    const project = findProject(state, name)
    return project === undefined ? undefined : projectRow(project, countApplications(name))
  }
  const workspaceRowOf = (name: string): WorkspaceRow | undefined => {
    const workspace = state.workspaces.get('', name)
    if (workspace === undefined) return undefined
    const namespace = workspace.status?.namespace ?? workspaceNamespace(name)
    const members = new Set(
      state.memberships.list(namespace).map(({ spec }) => spec.user ?? JSON.stringify(spec.group)),
    )
    return workspaceRow(workspace, state.projects.list(namespace), members.size)
  }

  return {
    state,
    parts,
    applicationRow: rowOf,
    applicationRows: () =>
      state.applications.list().flatMap((application) => {
        const project = projectOfNamespace(application.metadata.namespace ?? '')
        return project === undefined ? [] : present(rowOf(`${project}/${application.metadata.name}`))
      }),
    applicationDetail: (project, name) => {
      const found = parts(project, name)
      return found === undefined ? undefined : applicationDetail(found)
    },
    clusterRow: clusterRowOf,
    clusterRows: () => state.clusters.list().flatMap((cluster) => present(clusterRowOf(cluster.metadata.name))),
    clusterDetail: (name) => {
      const found = clusterParts(name)
      return found === undefined ? undefined : clusterDetail(found)
    },
    projectRow: projectRowOf,
    projectRows: () => state.projects.list().flatMap((project) => present(projectRowOf(project.metadata.name))),
    workspaceRow: workspaceRowOf,
    workspaceRows: () =>
      state.workspaces.list().flatMap((workspace) => present(workspaceRowOf(workspace.metadata.name))),
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => {
      for (const stop of stops) stop()
    },
  }
}

/** Projects live in the namespaces of their workspaces; of two with one name it is the one that has the project's namespace. */
export function findProject(state: Pick<HostState, 'projects' | 'workspaces'>, name: string) {
  let other: Project | undefined
  for (const workspace of state.workspaces.list()) {
    const project = state.projects.get(workspace.status?.namespace ?? workspaceNamespace(workspace.metadata.name), name)
    if (project?.status?.namespace === projectNamespace(name)) return project
    other ??= project
  }
  // none has it yet
  return other
}

function splitKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/')
  return { namespace: key.slice(0, Math.max(slash, 0)), name: key.slice(slash + 1) }
}

const present = <T>(value: T | undefined): T[] => (value === undefined ? [] : [value])

function put<T>(into: Map<string, Map<string, T>>, at: string, key: string, value: T): void {
  const inner = into.get(at) ?? new Map<string, T>()
  inner.set(key, value)
  into.set(at, inner)
}

function drop<T>(from: Map<string, Map<string, T>>, at: string, key: string): void {
  const inner = from.get(at)
  inner?.delete(key)
  if (inner?.size === 0) from.delete(at)
}
