import { fieldManager, userIdentity } from '@flotilla/model'
import type { HostState } from '../fleet/host-state.ts'

/** Who wrote something, as people call them. */
export function personName(state: Pick<HostState, 'users'>, identity: string): { name: string; id: string } {
  const prefix = userIdentity('')
  if (!identity.startsWith(prefix)) return { name: identity === '' ? fieldManager : identity, id: identity }
  const uid = identity.slice(prefix.length)
  const user = state.users.list().find(({ metadata }) => metadata.uid === uid)
  return { name: user?.metadata.name ?? 'a person who is gone', id: identity }
}

/** A text of a status, with names in the place of the identities that Kubernetes keeps. */
export function withNames(state: Pick<HostState, 'users'>, text: string | undefined): string | undefined {
  return text?.replace(identities, (identity) => personName(state, identity).name)
}

const identities = new RegExp(`${userIdentity('')}[0-9a-f-]{36}`, 'g')
