import { defineRoute } from '../route.ts'
import { RolePlace } from '../shapes/people.ts'
import { Roles } from '../shapes/role.ts'
import { needs } from './rights.ts'

export const roleRoutes = [
  defineRoute('roles.list', {
    summary: 'Roles of a project, a workspace or the platform: what each may do there, and who has it',
    params: undefined,
    query: RolePlace,
    body: undefined,
    result: Roles,
    errors: ['request.not_found'],
    rights: needs('list', 'memberships', 'named'),
  }),
]
