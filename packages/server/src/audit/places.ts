import type { AuditEntry } from '@flotilla/api'
import { type Project, projectNamespace, workspaceNamespace } from '@flotilla/model'
import type { HostState } from '../fleet/host-state.ts'

/** To whom something belongs. By uid as well: a later project of the same name is another one. */
export type Place = Pick<AuditEntry['target'], 'workspace' | 'workspaceUid' | 'project' | 'projectUid'>

export interface Places {
  project(name: string): Place
  workspace(name: string): Place
  /** Of a namespace of the host. */
  ofHost(namespace: string): Place
  /** Of a namespace of a member. */
  ofMember(cluster: string, namespace: string): Place
}

type PlacesState = Pick<HostState, 'projects' | 'workspaces'>

const inProject = /^pj-(.+)$/
const inWorkspace = /^ws-(.+)$/

export function createPlaces(state: PlacesState): Places {
  let byTarget: Map<string, Project> | undefined
  let byName: Map<string, Project> | undefined
  state.projects.onChange(() => {
    byTarget = undefined
    byName = undefined
  })
  const placeOf = (project: Project): Place => {
    const name = (project.metadata.namespace ?? '').slice(workspaceNamespace('').length)
    return {
      ...workspace(name),
      project: project.metadata.name,
      ...(project.metadata.uid === undefined ? {} : { projectUid: project.metadata.uid }),
    }
  }
  const workspace = (name: string): Place => {
    const uid = state.workspaces.get('', name)?.metadata.uid
    return { workspace: name, ...(uid === undefined ? {} : { workspaceUid: uid }) }
  }
  const project = (name: string): Place => {
    byName ??= new Map(
      state.projects
        .list()
        // of two of one name, that which has the namespace
        .toSorted((a, b) => Number(a.status?.namespace !== undefined) - Number(b.status?.namespace !== undefined))
        .map((one) => [one.metadata.name, one]),
    )
    const found = byName.get(name)
    return found === undefined ? { project: name } : placeOf(found)
  }
  return {
    project,
    workspace,
    ofHost: (namespace) => {
      const [, ofProject] = inProject.exec(namespace) ?? []
      if (ofProject !== undefined && namespace === projectNamespace(ofProject)) return project(ofProject)
      const [, ofWorkspace] = inWorkspace.exec(namespace) ?? []
      return ofWorkspace === undefined ? {} : workspace(ofWorkspace)
    },
    ofMember: (cluster, namespace) => {
      byTarget ??= ownersOf(state.projects.list())
      const found = byTarget.get(`${cluster}/${namespace}`)
      return found === undefined ? {} : placeOf(found)
    },
  }
}

/**
 * Whose a namespace of a member is: of the project that has it, not of one that only asks for it. Where that cannot be
 * told, as while the cluster is away, it is nobody's, and only the platform reads what was done there.
 */
function ownersOf(projects: readonly Project[]): Map<string, Project> {
  const owners = new Map<string, Project>()
  for (const wanted of ['Unknown', 'Ready'] as const) {
    const claims = new Map<string, Project[]>()
    for (const project of projects)
      for (const { cluster, namespace, state } of project.status?.targets ?? [])
        if (state === wanted) {
          const key = `${cluster}/${namespace}`
          claims.set(key, [...(claims.get(key) ?? []), project])
        }
    for (const [key, [first, ...others]] of claims)
      if (first !== undefined && others.length === 0) owners.set(key, first)
      else owners.delete(key)
  }
  return owners
}
