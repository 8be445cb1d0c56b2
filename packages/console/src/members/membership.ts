import type { MemberRow } from '@flotilla/api'
import { placeNamespace, type RolePlace } from './role-place.ts'

/** A role for a person. It has the person's name, so that nobody has two roles in one place by mistake. */
export function newMembership(place: RolePlace, user: string, role: string, name = user): object {
  return {
    apiVersion: 'flotilla.dev/v1alpha1',
    kind: 'Membership',
    metadata: { name, namespace: placeNamespace(place) },
    spec: { user, role },
  }
}

/** Whether without this grant nobody would be left who can give roles in the platform. */
export function isLastAdministrator(row: MemberRow, rows: readonly MemberRow[]): boolean {
  const administers = ({ scope, role, state, disabled }: MemberRow): boolean =>
    scope === 'platform' && role === 'admin' && state === 'Given' && !disabled
  return administers(row) && rows.filter(administers).length === 1
}
