import { type Membership, projectNamespace, systemNamespace, type User, workspaceNamespace } from '@flotilla/model'
import type { Grant, GrantedRole } from '@flotilla/api'
import type { HostState } from '../fleet/host-state.ts'
import { findRole } from './find-role.ts'
import { providerOf } from './people.ts'

type Granting = Pick<
  HostState,
  'memberships' | 'customRoles' | 'workspaces' | 'projects' | 'users' | 'identityProviders'
>
type Place = Omit<GrantedRole, 'role'>

/** Every grant in these namespaces, or everywhere; of a Membership that lies nowhere (its project is gone) nothing. */
export function listGrants(state: Granting, namespaces?: readonly string[]): Grant[] {
  const places = new Map<string, Place>([[systemNamespace, { scope: 'platform' }]])
  for (const { metadata } of state.workspaces.list())
    places.set(workspaceNamespace(metadata.name), { scope: 'workspace', workspace: metadata.name })
  for (const { metadata, status } of state.projects.list()) {
    const namespace = projectNamespace(metadata.name)
    // of two projects of one name only that which has the namespace says so
    if (status?.namespace !== namespace) continue
    const workspace = (metadata.namespace ?? '').slice(workspaceNamespace('').length)
    places.set(namespace, { scope: 'project', workspace, project: metadata.name })
  }
  const memberships =
    namespaces === undefined
      ? state.memberships.list()
      : namespaces.flatMap((namespace) => state.memberships.list(namespace))
  return memberships.flatMap((membership) => {
    const { metadata, spec } = membership
    const place = places.get(metadata.namespace ?? '')
    if (place === undefined || metadata.deletionTimestamp !== undefined) return []
    return [
      {
        ...place,
        role: spec.role,
        membership: metadata.name,
        user: spec.user ?? '',
        ...(spec.group === undefined ? {} : { group: spec.group }),
        state: stateOf(membership, state),
        since: metadata.creationTimestamp ?? '',
      },
    ]
  })
}

/** Those of a person: their own, and those of the groups in which their provider has them. */
export function grantsOf(user: User, grants: readonly Grant[], state: Granting): Grant[] {
  const provider = providerOf(user, state)
  return grants.filter(({ user: name, group }) =>
    group === undefined
      ? name === user.metadata.name
      : group.provider === provider?.metadata.name && user.status?.groups?.includes(group.name) === true,
  )
}

function stateOf({ metadata, spec, status }: Membership, state: Granting): Grant['state'] {
  if (findRole(state, metadata.namespace ?? '', spec.role) === undefined) return 'UnknownRole'
  const { group, user = '' } = spec
  const named = group === undefined ? state.users.get('', user) : state.identityProviders.get('', group.provider)
  const bound = group === undefined ? status?.userUid : status?.providerUid
  if (named === undefined || bound === undefined) return 'Pending'
  return bound === named.metadata.uid ? 'Given' : 'OtherPerson'
}
