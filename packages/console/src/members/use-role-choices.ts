import { builtInRoles } from '@flotilla/model/built-in-roles'
import { useText } from '../i18n/text.ts'
import { useRoles } from '../query/use-tenants.ts'
import { roleMay, roleName } from './role-name.ts'
import type { RolePlace } from './role-place.ts'

export interface RoleChoice {
  readonly role: string
  readonly text: string
  /** In one line. */
  readonly may: string
}

/** The roles that may be given there: the built-in ones from the least to the most, then those that were made there. */
export function useRoleChoices(place: RolePlace): readonly RoleChoice[] {
  const { t } = useText()
  const { data } = useRoles(place)
  const { scope } = place
  const custom = (data?.items ?? []).filter(({ builtIn, state }) => !builtIn && state !== 'Removing')
  return [
    ...builtInRoles[scope]
      .toReversed()
      .map((role) => ({ role, text: roleName(t, { scope, role }), may: roleMay(t, scope, role) })),
    ...custom.map(({ name, displayName, description }) => ({
      role: name,
      text: displayName ?? name,
      may: description ?? '',
    })),
  ]
}
