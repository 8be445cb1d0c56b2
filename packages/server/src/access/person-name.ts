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
