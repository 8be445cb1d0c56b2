import { projectGroup, projectNamespace } from '@flotilla/model'
import { projectRoles } from '@flotilla/reconcile'
import type { HostState } from '../fleet/host-state.ts'
import type { TokenScope } from '../store/store.ts'
import type { GrantedRole, Person } from './people.ts'

/** By the person, who is another object after every change: what is worked out of one is remembered with it. */
const narrowed = new WeakMap<Person, Map<string, Person>>()

/**
 * The person as a token of theirs acts: within one project by the roles that they have there, in whichever way. Those
 * of the workspace are bound in its projects beside the project's own, so a token never gets more than its person has.
 */
export function narrowPerson(
  person: Person,
  scope: TokenScope | undefined,
  state: Pick<HostState, 'projects'>,
): Person {
  if (scope?.project === undefined) return person
  const { uid, name } = scope.project
  const known = narrowed.get(person) ?? new Map<string, Person>()
  narrowed.set(person, known)
  const before = known.get(uid)
  if (before !== undefined) return before
  const project = state.projects
    .list()
    .find(({ metadata, status }) => metadata.uid === uid && status?.namespace === projectNamespace(name))
  const workspace = project?.metadata.namespace?.slice('ws-'.length)
  const held =
    workspace === undefined ? [] : projectRoles.filter((role) => person.roles.some(givesIn(name, workspace, role)))
  const now: Person = {
    ...person,
    roles: held.map((role) => ({ scope: 'project', workspace: workspace ?? '', project: name, role })),
    identity: { user: person.identity.user, groups: held.map((role) => projectGroup(uid, role)).sort() },
  }
  known.set(uid, now)
  return now
}

/** Whether a role of theirs gives this one in the project. */
const givesIn =
  (project: string, workspace: string, wanted: string) =>
  (role: GrantedRole): boolean => {
    switch (role.scope) {
      case 'platform':
        // a viewer of the platform sees other things in a member than one of a project
        return role.role === 'admin' && wanted === 'admin'
      case 'workspace':
        return role.workspace === workspace && role.role === wanted
      case 'project':
        return role.project === project && role.workspace === workspace && role.role === wanted
      default:
        return role satisfies never
    }
  }
