import {
  findCondition,
  formatQuantity,
  sumOf,
  type Project,
  projectNamespace,
  type Workspace,
  workspaceNamespace,
} from '@flotilla/model'
import type { ProjectDetail, ProjectRow, WorkspaceRow } from '@flotilla/api'
import { workspaceOfProject } from './application-view.ts'

export function workspaceRow(workspace: Workspace, projects: readonly Project[], members: number): WorkspaceRow {
  const { metadata, spec, status } = workspace
  const ready = findCondition(status?.conditions, 'Ready')
  return {
    name: metadata.name,
    uid: metadata.uid ?? '',
    displayName: spec.displayName,
    description: spec.description,
    namespace: status?.namespace ?? workspaceNamespace(metadata.name),
    ...(spec.clusters === undefined ? {} : { clusters: spec.clusters }),
    projects: projects.length,
    members,
    ...(spec.quota === undefined
      ? {}
      : { quota: { hard: spec.quota.hard, allocated: status?.quota?.allocated ?? {}, used: usedBy(projects) } }),
    ready: ready?.status === 'True',
    message: ready?.status === 'True' ? undefined : ready?.message,
    createdAt: metadata.creationTimestamp ?? '',
  }
}

export function projectRow(project: Project, applications: number): ProjectRow {
  const { metadata, spec, status } = project
  const ready = findCondition(status?.conditions, 'Ready')
  return {
    name: metadata.name,
    uid: metadata.uid ?? '',
    workspace: workspaceOfProject(project) ?? '',
    displayName: spec.displayName,
    description: spec.description,
    namespace: status?.namespace ?? projectNamespace(metadata.name),
    scope: spec.scope,
    podSecurity: spec.podSecurity,
    ...(spec.network === undefined ? {} : { network: spec.network }),
    targets: status?.targets ?? [],
    applications,
    ready: ready?.status === 'True',
    message: ready?.status === 'True' ? undefined : ready?.message,
    createdAt: metadata.creationTimestamp ?? '',
  }
}

export function projectDetail(project: Project, applications: number): ProjectDetail {
  const { spec, status } = project
  return {
    ...projectRow(project, applications),
    conditions: status?.conditions ?? [],
    ...(spec.quota === undefined && status?.quota === undefined ? {} : { quota: quotaView(project) }),
  }
}

/** What the clusters of all projects said last. */
function usedBy(projects: readonly Project[]): Record<string, string> {
  const said = projects.flatMap(({ status }) => status?.quota?.targets?.map(({ used }) => used) ?? [])
  return Object.fromEntries(Array.from(sumOf(said), ([resource, nanos]) => [resource, formatQuantity(resource, nanos)]))
}

/** What is asked for is there at once, what is granted when it was decided. */
function quotaView({ spec, status }: Project): NonNullable<ProjectDetail['quota']> {
  const { granted, targets } = status?.quota ?? {}
  return { hard: spec.quota?.hard ?? {}, granted, targets }
}
