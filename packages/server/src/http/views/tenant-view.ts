import { findCondition, type Project, projectNamespace, type Workspace, workspaceNamespace } from '@flotilla/model'
import type { ProjectDetail, ProjectRow, WorkspaceRow } from '@flotilla/api'
import { workspaceOfProject } from './application-view.ts'

export function workspaceRow(workspace: Workspace, projects: number, members: number): WorkspaceRow {
  const { metadata, spec, status } = workspace
  const ready = findCondition(status?.conditions, 'Ready')
  return {
    name: metadata.name,
    uid: metadata.uid ?? '',
    displayName: spec.displayName,
    description: spec.description,
    namespace: status?.namespace ?? workspaceNamespace(metadata.name),
    ...(spec.clusters === undefined ? {} : { clusters: spec.clusters }),
    projects,
    members,
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
    targets: status?.targets ?? [],
    applications,
    ready: ready?.status === 'True',
    message: ready?.status === 'True' ? undefined : ready?.message,
    createdAt: metadata.creationTimestamp ?? '',
  }
}

export function projectDetail(project: Project, applications: number): ProjectDetail {
  return { ...projectRow(project, applications), conditions: project.status?.conditions ?? [] }
}
