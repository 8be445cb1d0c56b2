import {
  platformGroup,
  type Project,
  projectGroup,
  roleRules,
  workspaceGroup,
  workspaceNamespace,
} from '@flotilla/model'
import type { Identity } from '@flotilla/kube'
import { groupRole } from '../../access/find-role.ts'
import type { Person } from '../../access/people.ts'
import type { HostState } from '../../fleet/host-state.ts'

/** How a person acts in one cluster: as themselves, and with no group but those that are bound there. */
export interface Reach {
  readonly identity: Identity
  /** Namespaces of their projects there, sorted; a platform role reaches all of them and has none of its own. */
  readonly namespaces: readonly string[]
}

export type ReachState = Pick<HostState, 'clusters' | 'workspaces' | 'projects' | 'customRoles'>

/**
 * How the person reaches a member; undefined where nothing is bound to them, as for a cluster that does not exist.
 * A group that is bound nowhere in a cluster is not shown to it.
 */
export function computeReach(person: Person, cluster: string, state: ReachState): Reach | undefined {
  const found = state.clusters.get('', cluster)
  if (found === undefined || found.metadata.deletionTimestamp !== undefined) return undefined
  const ofPerson = computed.get(person) ?? new Map<string, Reach | undefined>()
  computed.set(person, ofPerson)
  if (!ofPerson.has(cluster)) ofPerson.set(cluster, reachOf(person, cluster, state))
  return ofPerson.get(cluster)
}

/** By the person, who is another object after every change of what this is computed from. */
const computed = new WeakMap<Person, Map<string, Reach | undefined>>()

function reachOf(person: Person, cluster: string, state: ReachState): Reach | undefined {
  const groups = new Set<string>()
  const namespaces = new Set<string>()
  const add = (group: string, projects: readonly Project[]): void => {
    for (const namespace of namespacesIn(projects, cluster)) {
      groups.add(group)
      namespaces.add(namespace)
    }
  }
  for (const role of person.roles) {
    if (!actsInClusters(role, state)) continue
    switch (role.scope) {
      case 'platform':
        groups.add(platformGroup(groupRole(role)))
        break
      case 'workspace': {
        const uid = state.workspaces.get('', role.workspace)?.metadata.uid
        if (uid !== undefined)
          add(workspaceGroup(uid, groupRole(role)), state.projects.list(workspaceNamespace(role.workspace)))
        break
      }
      case 'project': {
        const project = state.projects.get(workspaceNamespace(role.workspace), role.project)
        if (project?.metadata.uid !== undefined) add(projectGroup(project.metadata.uid, groupRole(role)), [project])
        break
      }
      default:
        role satisfies never
    }
  }
  if (groups.size === 0) return undefined
  return {
    identity: { user: person.identity.user, groups: [...groups].sort() },
    namespaces: [...namespaces].sort(),
  }
}

/** A custom role may hold rights in the host only: then nothing is bound in any cluster. */
function actsInClusters({ scope, custom }: Person['roles'][number], { customRoles }: ReachState): boolean {
  if (custom === undefined) return true
  const role = customRoles.list().find(({ metadata }) => metadata.uid === custom)
  return role !== undefined && roleRules(scope, role.spec, 'targets').length > 0
}

/** Where the projects are for certain: bindings are made where the namespace is theirs. */
export function namespacesIn(projects: readonly Project[], cluster: string): string[] {
  return projects.flatMap(({ status }) =>
    (status?.targets ?? [])
      .filter((target) => target.cluster === cluster && (target.state === 'Ready' || target.state === 'Unknown'))
      .map(({ namespace }) => namespace),
  )
}
