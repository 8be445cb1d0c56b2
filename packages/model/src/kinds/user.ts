import { z } from 'zod'
import { dnsLabel } from '../names.ts'
import { baseStatus, defineKind, objectSchema } from './define-kind.ts'

/** Who somebody is at an IdentityProvider: the subject for good, never a name or an address, which go to others. */
export const UserIdentity = z.object({
  provider: dnsLabel(32),
  providerUid: z.string().min(1).max(64).describe('uid of the IdentityProvider: another one of its name knows nobody'),
  subject: z.string().min(1).max(512),
})
export type UserIdentity = z.infer<typeof UserIdentity>

/** Where a service account belongs: there it may be given roles, and nowhere else. */
export const ServiceHome = z.object({
  namespace: z
    .string()
    .max(63)
    .regex(/^(?:flotilla-system|(?:ws|pj)-.+)$/, 'must be flotilla-system, ws-<workspace> or pj-<project>'),
  uid: z.string().max(64).optional().describe('uid of the Workspace or Project; a later one of its name is another'),
})
export type ServiceHome = z.infer<typeof ServiceHome>

export const UserSpec = z.object({
  displayName: z.string().max(128).optional(),
  email: z.string().max(254).optional(),
  disabled: z.boolean().default(false).describe('A disabled person cannot sign in, and open sessions end'),
  identity: UserIdentity.optional().describe('Of a person who signs in through an IdentityProvider'),
  service: ServiceHome.optional().describe('Of a service account, which has API tokens and no password'),
})
export type UserSpec = z.infer<typeof UserSpec>

/** Of a provider's groups; more of them are left out. */
export const mostGroups = 500

export const UserStatus = z.object({
  ...baseStatus,
  groups: z
    .array(z.string().max(512))
    .max(mostGroups)
    .optional()
    .describe('Groups that the IdentityProvider said at the last sign-in'),
  seenAt: z.string().optional().describe('When the IdentityProvider last said who they are'),
})
export type UserStatus = z.infer<typeof UserStatus>

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
    { name: 'Provider', type: 'string', jsonPath: '.spec.identity.provider' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  validations: [
    {
      rule: 'has(self.spec.identity) ? has(oldSelf.spec.identity) && self.spec.identity == oldSelf.spec.identity : !has(oldSelf.spec.identity)',
      message: 'spec.identity cannot change: another person would get what was given to this one',
    },
    {
      rule: 'has(self.spec.service) ? has(oldSelf.spec.service) && self.spec.service == oldSelf.spec.service : !has(oldSelf.spec.service)',
      message: 'spec.service cannot change: it would have rights in another place',
    },
    {
      rule: '!(has(self.spec.identity) && has(self.spec.service))',
      message: 'spec.identity is of a person, spec.service of a service account',
    },
  ],
})
export const User = objectSchema(UserKind)
export type User = z.infer<typeof User>

/** A group as an IdentityProvider names it. */
export const ProviderGroup = z.object({ provider: dnsLabel(32), name: z.string().min(1).max(512) })
export type ProviderGroup = z.infer<typeof ProviderGroup>

export const MembershipSpec = z.object({
  user: dnsLabel().optional().describe('Name of the User; or else group'),
  group: ProviderGroup.optional().describe('Everybody whom the IdentityProvider has in this group; or else user'),
  role: dnsLabel().describe(
    'In flotilla-system: admin or viewer of the platform. In ws-<workspace>: admin, developer or viewer. In pj-<project>: admin, operator, developer or viewer. Or a CustomRole of the same namespace',
  ),
})
export type MembershipSpec = z.infer<typeof MembershipSpec>

export const MembershipStatus = z.object({
  ...baseStatus,
  userUid: z
    .string()
    .optional()
    .describe('uid of the User that the grant was made for: a new user of the same name gets nothing'),
  providerUid: z.string().optional().describe('The same of the IdentityProvider, where it is for a group'),
})

export const MembershipKind = defineKind({
  kind: 'Membership',
  plural: 'memberships',
  singular: 'membership',
  scope: 'Namespaced',
  description:
    'Gives a person, or a group of an IdentityProvider, a role: over the platform in flotilla-system, over a workspace in ws-<workspace>, over a project in pj-<project>.',
  spec: MembershipSpec,
  status: MembershipStatus,
  printerColumns: [
    { name: 'User', type: 'string', jsonPath: '.spec.user' },
    { name: 'Group', type: 'string', jsonPath: '.spec.group.name' },
    { name: 'Role', type: 'string', jsonPath: '.spec.role' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  validations: [
    { rule: 'has(self.spec.user) != has(self.spec.group)', message: 'spec needs either user or group' },
    {
      rule: '(has(self.spec.user) ? has(oldSelf.spec.user) && self.spec.user == oldSelf.spec.user : !has(oldSelf.spec.user)) && (has(self.spec.group) ? has(oldSelf.spec.group) && self.spec.group == oldSelf.spec.group : !has(oldSelf.spec.group))',
      message: 'spec.user and spec.group cannot change; make another Membership',
    },
  ],
})
export const Membership = objectSchema(MembershipKind)
export type Membership = z.infer<typeof Membership>
