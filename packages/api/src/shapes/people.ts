import { z } from 'zod'
import { GrantedRole } from './session.ts'
import { flag, Name, page, whole } from './wire.ts'

export const PeopleQuery = z.object({
  q: z.string().max(200).optional().describe('Text in the name, the display name or the email address'),
  disabled: flag().optional(),
  limit: whole(1, 500).default(200),
  continue: z.string().max(512).optional(),
})

export const PersonRow = z.object({
  name: z.string(),
  uid: z.string(),
  displayName: z.string().optional(),
  email: z.string().optional(),
  disabled: z.boolean(),
  provider: z.string().optional().describe('The IdentityProvider through which they sign in'),
  roles: z.array(GrantedRole).describe('What is granted to them; of a disabled person it gives nothing'),
  createdAt: z.string(),
})
export type PersonRow = z.infer<typeof PersonRow>
export const People = page(PersonRow)

/** One role of one person, as its Membership says it. */
export const Grant = GrantedRole.extend({
  membership: z.string().describe('Name of the Membership'),
  user: z.string().describe('Empty where it is given to a group'),
  group: z.object({ provider: z.string(), name: z.string() }).optional().describe('A group of an IdentityProvider'),
  state: z
    .enum(['Given', 'Pending', 'OtherPerson', 'UnknownRole'])
    .describe(
      'Pending: there is no such person, or it was not seen yet. OtherPerson: it was given to an earlier person of that name, and gives this one nothing',
    ),
  since: z.string(),
})
export type Grant = z.infer<typeof Grant>

export const PersonDetail = PersonRow.extend({
  grants: z.array(Grant),
  password: z
    .enum(['none', 'set', 'must-change'])
    .describe('none: they cannot sign in with a password. must-change: somebody else set it'),
})
export type PersonDetail = z.infer<typeof PersonDetail>

/** Where roles are given: a project, a workspace, or the platform when neither is named. */
export const RolePlace = z.object({
  project: z.string().min(1).max(50).optional(),
  workspace: z.string().min(1).max(50).optional(),
})

export const MemberRow = Grant.extend({
  displayName: z.string().optional(),
  disabled: z.boolean(),
})
export type MemberRow = z.infer<typeof MemberRow>
export const Members = z.object({
  items: z
    .array(MemberRow)
    .describe('Those of the place itself, then what acts there too: roles in its workspace and in the platform'),
})

export const FindPeople = RolePlace.extend({
  q: z.string().trim().min(2, 'needs at least 2 letters').max(63).describe('How the name, or a word of it, begins'),
})
export const FoundPeople = z.object({
  items: z.array(z.object({ name: z.string(), displayName: z.string().optional() })).max(10),
})

export const AccessReview = RolePlace.extend({
  user: Name,
  cluster: z
    .string()
    .min(1)
    .max(63)
    .optional()
    .describe("Asked in this member, in the project's namespace there; left out: in the host"),
  namespace: z.string().min(1).max(63).optional().describe('Which of the namespaces of the project in the cluster'),
  questions: z
    .array(
      z.object({
        verb: z.string().regex(/^[a-z]{1,63}$/, 'must be a verb of Kubernetes such as get'),
        group: z.string().max(253).default('flotilla.dev'),
        resource: z.string().min(1).max(253).describe('Plural, such as applications; pods/log for a subresource'),
      }),
    )
    .min(1)
    .max(100),
})
export const AccessReviewed = z.object({
  namespace: z.string().describe('Where it was asked; empty: over all'),
  disabled: z.boolean().describe('A disabled person may do nothing'),
  answers: z.array(z.boolean()).describe('In the order of the questions'),
})
