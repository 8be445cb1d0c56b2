import type { MemberRow } from '@flotilla/api'
import type { Dictionary } from '../i18n/en.ts'
import { placeNamespace, type RolePlace } from './role-place.ts'

/** A role for a person. It has the person's name, so that nobody has two roles in one place by mistake. */
export function newMembership(
  place: RolePlace,
  user: string,
  role: string,
  name = user,
  group?: MemberRow['group'],
): object {
  return {
    apiVersion: 'flotilla.dev/v1alpha1',
    kind: 'Membership',
    metadata: { name, namespace: placeNamespace(place) },
    spec: group === undefined ? { user, role } : { group, role },
  }
}

/** Whether without this grant nobody would be left who can give roles in the platform. */
export function isLastAdministrator(row: MemberRow, rows: readonly MemberRow[]): boolean {
  const administers = ({ scope, role, state, disabled, group }: MemberRow): boolean =>
    // whether anybody is in a group is not known here
    group === undefined && scope === 'platform' && role === 'admin' && state === 'Given' && !disabled
  return administers(row) && rows.filter(administers).length === 1
}

/** Who has the role, in words. */
export const whoOf = ({ user, group }: Pick<MemberRow, 'user' | 'group'>, t: Dictionary): string =>
  group === undefined ? user : t.members.group(group.name, group.provider)
