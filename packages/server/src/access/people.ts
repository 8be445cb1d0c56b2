import {
  type IdentityProvider,
  type Membership,
  platformGroup,
  projectGroup,
  projectNamespace,
  systemNamespace,
  type User,
  userIdentity,
  workspaceGroup,
  workspaceNamespace,
} from '@flotilla/model'
import type { Identity } from '@flotilla/kube'
import type { HostState } from '../fleet/host-state.ts'
import { findRole, groupRole, hostRolesOf } from './find-role.ts'

export type GrantedRole = (
  | { readonly scope: 'platform' }
  | { readonly scope: 'workspace'; readonly workspace: string }
  | { readonly scope: 'project'; readonly workspace: string; readonly project: string }
) & {
  readonly role: string
  /** uid of the CustomRole; of a built-in role it is left out. */
  readonly custom?: string
}

/** A person as they are at this moment: computed for each request, so that taking a membership away acts at once. */
export interface Person {
  readonly name: string
  readonly uid: string
  readonly displayName: string | undefined
  readonly email: string | undefined
  readonly roles: readonly GrantedRole[]
  /** Who vouches for them, where it is not their password here. */
  readonly provider: VouchedBy | undefined
  /** A service account: it has tokens and no password. */
  readonly isService: boolean
  /** Whom the server acts as for them, in the host and in every member. */
  readonly identity: Identity
}

export interface VouchedBy {
  readonly name: string
  /** How long a session lasts at most. */
  readonly sessionMs: number
  /** From then on API tokens rest until they sign in again; milliseconds since the epoch. */
  readonly tokensRestAt: number
}

export interface People {
  /** Undefined when there is no such person, or they are disabled. */
  byUid(uid: string): Person | undefined
  byName(name: string): Person | undefined
  /** Called when a person, or what was granted to one, may be another. Returns the way to stop listening. */
  onChange(listener: () => void): () => void
}

const hourMs = 60 * 60 * 1000

type Granting = Pick<HostState, 'memberships' | 'customRoles' | 'workspaces' | 'projects' | 'identityProviders'>

export function createPeople(state: Granting & Pick<HostState, 'users'>): People {
  const nameOf = new Map<string, string>()
  const uidOf = new Map<string, string>()
  state.users.onChange((key, user) => {
    const name = key.slice(key.indexOf('/') + 1)
    const uid = user?.metadata.uid
    const before = uidOf.get(name)
    if (before !== undefined && before !== uid) nameOf.delete(before)
    if (uid === undefined) {
      uidOf.delete(name)
      return
    }
    uidOf.set(name, uid)
    nameOf.set(uid, name)
  })
  // asked for with each request, and changed seldom: all are worked out anew after any change
  const known = new Map<string, Person | undefined>()
  for (const kind of [state.users, state.identityProviders, state.memberships, state.customRoles])
    kind.onChange(() => known.clear())
  for (const kind of [state.workspaces, state.projects]) kind.onChange(() => known.clear())
  const byName = (name: string): Person | undefined => {
    if (known.has(name)) return known.get(name)
    const user = state.users.get('', name)
    const person = user === undefined ? undefined : personOf(user, state)
    // names that nobody has are not kept: anybody may ask for them
    if (user !== undefined) known.set(name, person)
    return person
  }
  return {
    byName,
    onChange: (listener) => {
      const { users, identityProviders, memberships, customRoles, workspaces } = state
      const stops = [users, identityProviders, memberships, customRoles, workspaces].map((kind) =>
        kind.onChange(listener),
      )
      return () => {
        for (const stop of stops) stop()
      }
    },
    byUid: (uid) => {
      const name = nameOf.get(uid)
      const person = name === undefined ? undefined : byName(name)
      return person?.uid === uid ? person : undefined
    },
  }
}

function personOf(user: User, state: Granting): Person | undefined {
  const uid = user.metadata.uid
  if (uid === undefined || user.spec.disabled || user.metadata.deletionTimestamp !== undefined) return undefined
  const provider = user.spec.identity === undefined ? undefined : providerOf(user, state)
  // whom nobody vouches for any more is nobody
  if (user.spec.identity !== undefined && provider === undefined) return undefined
  const roles: GrantedRole[] = []
  const groups: string[] = []
  const mine = (membership: Membership) =>
    isGivenTo(membership, user, provider) &&
    isAtHome(membership, user, state) &&
    membership.metadata.deletionTimestamp === undefined
  /** What they were given in a namespace. Any other word would be another group, such as that of a project's deliveries. */
  const given = (namespace: string) =>
    state.memberships
      .list(namespace)
      .filter(mine)
      .flatMap(({ spec: { role } }) => findRole(state, namespace, role) ?? [])
  for (const found of given(systemNamespace)) {
    roles.push({ scope: 'platform', ...found })
    groups.push(platformGroup(groupRole(found)))
  }
  for (const workspace of state.workspaces.list()) {
    if (workspace.metadata.uid === undefined) continue
    const { name, uid: of } = workspace.metadata
    for (const found of given(workspaceNamespace(name))) {
      roles.push({ scope: 'workspace', workspace: name, ...found })
      groups.push(...hostRolesOf(found).map((role) => workspaceGroup(of, role)))
    }
  }
  for (const { metadata, status } of state.projects.list()) {
    const namespace = projectNamespace(metadata.name)
    // of two projects of one name only that which has the namespace says so
    if (metadata.uid === undefined || status?.namespace !== namespace) continue
    const workspace = (metadata.namespace ?? '').slice(workspaceNamespace('').length)
    const { name, uid: of } = metadata
    for (const found of given(namespace)) {
      roles.push({ scope: 'project', workspace, project: name, ...found })
      groups.push(...hostRolesOf(found).map((role) => projectGroup(of, role)))
    }
  }
  return {
    name: user.metadata.name,
    uid,
    displayName: user.spec.displayName,
    email: user.spec.email,
    roles,
    provider: provider === undefined ? undefined : vouchedBy(user, provider),
    isService: user.spec.service !== undefined,
    identity: { user: userIdentity(uid), groups: [...new Set(groups)].sort() },
  }
}

/** The provider that the person signs in through; undefined when it is disabled, gone, or another one of its name. */
export function providerOf(
  { spec: { identity } }: User,
  state: Pick<HostState, 'identityProviders'>,
): IdentityProvider | undefined {
  const provider = identity === undefined ? undefined : state.identityProviders.get('', identity.provider)
  if (provider === undefined || provider.metadata.uid !== identity?.providerUid) return undefined
  return provider.spec.disabled || provider.metadata.deletionTimestamp !== undefined ? undefined : provider
}

/** Whether the Membership was made for this person, or for a group in which their provider has them. */
export function isGivenTo({ spec, status }: Membership, user: User, provider: IdentityProvider | undefined): boolean {
  const { group } = spec
  if (group === undefined) return spec.user === user.metadata.name && status?.userUid === user.metadata.uid
  return (
    provider !== undefined &&
    group.provider === provider.metadata.name &&
    status?.providerUid === provider.metadata.uid &&
    user.status?.groups?.includes(group.name) === true
  )
}

/** A service account has roles where it belongs only: in its workspace also those in its projects. */
export function isAtHome(
  { metadata: { namespace = '' } }: Membership,
  { spec: { service } }: User,
  state: Pick<HostState, 'workspaces' | 'projects'>,
): boolean {
  if (service === undefined) return true
  const { namespace: home, uid } = service
  if (home === systemNamespace) return true
  const inside = state.projects.list().find(({ status }) => status?.namespace === namespace)
  if (home.startsWith('pj-')) return home === namespace && inside?.metadata.uid === uid
  const workspace = state.workspaces.get('', home.slice(workspaceNamespace('').length))
  return workspace?.metadata.uid === uid && (home === namespace || inside?.metadata.namespace === home)
}

function vouchedBy({ status }: User, { metadata, spec }: IdentityProvider): VouchedBy {
  const seenAt = status?.seenAt === undefined ? 0 : Date.parse(status.seenAt)
  return {
    name: metadata.name,
    sessionMs: spec.sessionHours * hourMs,
    tokensRestAt: seenAt + spec.tokenDays * 24 * hourMs,
  }
}
