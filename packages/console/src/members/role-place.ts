import type { GrantedRole } from '@flotilla/api'

/** Where roles are given. */
export type RolePlace =
  | { readonly scope: 'platform' }
  | { readonly scope: 'workspace'; readonly workspace: string }
  | { readonly scope: 'project'; readonly workspace: string; readonly project: string }

export type Scope = RolePlace['scope']

/** What a new member gets unless somebody chooses: the role that most have. */
export const usualRole = { platform: 'viewer', workspace: 'developer', project: 'developer' } as const

/** As the routes of members, and the questions about rights, name the place. */
export function placeQuery(place: RolePlace): { readonly workspace?: string; readonly project?: string } {
  switch (place.scope) {
    case 'platform':
      return {}
    case 'workspace':
      return { workspace: place.workspace }
    case 'project':
      return { project: place.project }
    default:
      return place satisfies never
  }
}

const platformNamespace = 'flotilla-system'

/** Host namespace of the Memberships there. */
export function placeNamespace(place: RolePlace): string {
  switch (place.scope) {
    case 'platform':
      return platformNamespace
    case 'workspace':
      return `ws-${place.workspace}`
    case 'project':
      return `pj-${place.project}`
    default:
      return place satisfies never
  }
}

/** Where a grant lies in the console; undefined when it names no place. */
export function grantAddress({ scope, workspace, project }: Omit<GrantedRole, 'role'>): string | undefined {
  if (scope === 'platform') return '/access/platform'
  if (scope === 'workspace') return workspace === undefined ? undefined : `/access/workspaces/${workspace}/members`
  return project === undefined ? undefined : `/access/projects/${project}/members`
}
