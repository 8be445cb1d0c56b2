import { systemNamespace } from '../labels.ts'

/** Where roles are given. */
export type RoleScope = 'platform' | 'workspace' | 'project'
export const roleScopes = ['platform', 'workspace', 'project'] as const satisfies readonly RoleScope[]

/** The roles that are always there, from the most to the least. The one list of them: admission, server, command line and console read it. */
export const builtInRoles = {
  platform: ['admin', 'viewer'],
  workspace: ['admin', 'developer', 'viewer'],
  project: ['admin', 'operator', 'developer', 'viewer'],
} as const satisfies Record<RoleScope, readonly string[]>

export type BuiltInRole<S extends RoleScope = RoleScope> = (typeof builtInRoles)[S][number]

/** Words that stand in groups where a role's name does: no custom role has one. */
export const reservedRoleNames = ['admin', 'operator', 'developer', 'viewer', 'delivery', 'member', 'role'] as const

/** By the host namespace of a Membership; undefined where none may be. */
export function roleScopeOf(namespace: string): RoleScope | undefined {
  if (namespace === systemNamespace) return 'platform'
  if (namespace.startsWith('ws-')) return 'workspace'
  return namespace.startsWith('pj-') ? 'project' : undefined
}

/** Built-in roles that a Membership may give, by the namespace it is in; none elsewhere. */
export function builtInRolesOf(namespace: string): readonly string[] {
  const scope = roleScopeOf(namespace)
  return scope === undefined ? [] : builtInRoles[scope]
}
