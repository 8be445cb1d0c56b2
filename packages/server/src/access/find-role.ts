import { builtInRolesOf, customRole, memberRole } from '@flotilla/model'
import type { HostState } from '../fleet/host-state.ts'

/** A role as it may be given in a namespace. */
export interface FoundRole {
  readonly role: string
  /** uid of the CustomRole; of a built-in role it is left out. */
  readonly custom?: string
}

/** The role of this name that Memberships of a namespace may give; undefined when there is none. */
export function findRole(
  state: Pick<HostState, 'customRoles'>,
  namespace: string,
  role: string,
): FoundRole | undefined {
  if (builtInRolesOf(namespace).includes(role)) return { role }
  const custom = state.customRoles.get(namespace, role)?.metadata.uid
  return custom === undefined ? undefined : { role, custom }
}

/** What stands for the role in the name of a group. */
export const groupRole = ({ role, custom }: FoundRole): string => (custom === undefined ? role : customRole(custom))

/** The same in the host, where who has a custom role also sees the place itself. */
export const hostRolesOf = (found: FoundRole): readonly string[] =>
  found.custom === undefined ? [found.role] : [groupRole(found), memberRole]
