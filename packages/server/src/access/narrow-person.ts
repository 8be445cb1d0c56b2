import { builtInRoles, projectGroup, projectNamespace } from '@flotilla/model'
import type { HostState } from '../fleet/host-state.ts'
import type { TokenScope } from '../store/store.ts'
import { type FoundRole, hostRolesOf } from './find-role.ts'
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
    workspace === undefined
      ? []
      : builtInRoles.project.filter((role) => person.roles.some(givesIn(name, workspace, role)))
  const found: FoundRole[] = [
    ...held.map((role) => ({ role })),
    ...person.roles.filter((role) => role.custom !== undefined && isInside(role, name, workspace)).map(foundOf),
  ]
  const groups = found.flatMap(hostRolesOf).map((role) => projectGroup(uid, role))
  const now: Person = {
    ...person,
    roles: found.map((role) =>
      Object.assign({ scope: 'project', workspace: workspace ?? '', project: name } as const, role),
    ),
    identity: { user: person.identity.user, groups: [...new Set(groups)].sort() },
  }
  // a watch may tell of it later
  if (project !== undefined) known.set(uid, now)
  return now
}

const foundOf = ({ role, custom }: GrantedRole): FoundRole => ({ role, ...(custom === undefined ? {} : { custom }) })

/** A custom role of the platform is bound in no project: a narrowed token has none of it. */
const isInside = (role: GrantedRole, project: string, workspace: string | undefined): boolean =>
  role.scope !== 'platform' && role.workspace === workspace && (role.scope === 'workspace' || role.project === project)

/** Whether a role of theirs gives this one in the project. */
const givesIn =
  (project: string, workspace: string, wanted: string) =>
  (role: GrantedRole): boolean => {
    if (role.custom !== undefined) return false
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
