import { z } from 'zod'
import { dnsLabel } from '../names.ts'
import { baseStatus, cel, defineKind, objectSchema } from './define-kind.ts'

export const UserSpec = z.object({
  displayName: z.string().max(128).optional(),
  email: z.string().max(254).optional(),
  disabled: z.boolean().default(false).describe('A disabled person cannot sign in, and open sessions end'),
})
export type UserSpec = z.infer<typeof UserSpec>

export const UserStatus = z.object({ ...baseStatus })

export const UserKind = defineKind({
  kind: 'User',
  plural: 'users',
  singular: 'user',
  scope: 'Cluster',
  description: 'A person. Rights key on its uid, never on its name; passwords are kept elsewhere, hashed.',
  spec: UserSpec,
  status: UserStatus,
  printerColumns: [
    { name: 'Name', type: 'string', jsonPath: '.spec.displayName' },
    { name: 'Disabled', type: 'boolean', jsonPath: '.spec.disabled' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
})
export const User = objectSchema(UserKind)
export type User = z.infer<typeof User>

export const MembershipSpec = z.object({
  user: dnsLabel()
    .describe('Name of the User')
    .meta(cel({ rule: 'self == oldSelf', message: 'cannot change; make another Membership' })),
  role: dnsLabel().describe(
    'In flotilla-system: admin or viewer of the platform. In ws-<workspace>: admin, developer or viewer. In pj-<project>: admin, operator, developer or viewer',
  ),
})
export type MembershipSpec = z.infer<typeof MembershipSpec>

export const MembershipStatus = z.object({
  ...baseStatus,
  userUid: z
    .string()
    .optional()
    .describe('uid of the User that the grant was made for: a new user of the same name gets nothing'),
})

export const MembershipKind = defineKind({
  kind: 'Membership',
  plural: 'memberships',
  singular: 'membership',
  scope: 'Namespaced',
  description:
    'Gives a person a role: over the platform in flotilla-system, over a workspace in ws-<workspace>, over a project in pj-<project>.',
  spec: MembershipSpec,
  status: MembershipStatus,
  printerColumns: [
    { name: 'User', type: 'string', jsonPath: '.spec.user' },
    { name: 'Role', type: 'string', jsonPath: '.spec.role' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
})
export const Membership = objectSchema(MembershipKind)
export type Membership = z.infer<typeof Membership>
