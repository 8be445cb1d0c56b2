import type { User } from '@flotilla/model'
import type { Grant, MemberRow, PersonRow } from '@flotilla/api'

export function personRow(user: User, grants: readonly Grant[]): PersonRow {
  const { metadata, spec } = user
  return {
    name: metadata.name,
    uid: metadata.uid ?? '',
    displayName: spec.displayName,
    email: spec.email,
    disabled: spec.disabled,
    ...(spec.identity === undefined ? {} : { provider: spec.identity.provider }),
    roles: grants
      .filter(({ state }) => state === 'Given')
      .map(({ scope, workspace, project, role }) => ({ scope, workspace, project, role })),
    createdAt: metadata.creationTimestamp ?? '',
  }
}

export function memberRow(grant: Grant, user: User | undefined): MemberRow {
  return { ...grant, displayName: user?.spec.displayName, disabled: user?.spec.disabled ?? false }
}

export function matchesPerson(
  row: PersonRow,
  wanted: { q?: string | undefined; disabled?: boolean | undefined },
): boolean {
  if (wanted.disabled !== undefined && row.disabled !== wanted.disabled) return false
  const q = wanted.q?.trim().toLowerCase() ?? ''
  return [row.name, row.displayName ?? '', row.email ?? ''].some((text) => text.toLowerCase().includes(q))
}

/** Whether the name, or a word of the display name, begins so. */
export function beginsSo({ metadata, spec }: User, q: string): boolean {
  const wanted = q.toLowerCase()
  const words = (spec.displayName ?? '').toLowerCase().split(/\s+/)
  return [metadata.name, spec.displayName?.toLowerCase() ?? '', ...words].some((text) => text.startsWith(wanted))
}
