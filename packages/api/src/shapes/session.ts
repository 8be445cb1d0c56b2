import { z } from 'zod'

export const SignIn = z.object({
  username: z.string().min(1).max(253),
  password: z.string().min(1).max(1024),
  provider: z
    .string()
    .min(1)
    .max(63)
    .optional()
    .describe('The IdentityProvider that knows them; Flotilla itself when absent'),
  kind: z
    .enum(['browser', 'cli'])
    .default('browser')
    .describe('browser: the session is an HttpOnly cookie. cli: the answer holds a bearer token'),
})
export type SignIn = z.input<typeof SignIn>

export const GrantedRole = z.object({
  scope: z.enum(['platform', 'workspace', 'project']),
  workspace: z.string().optional().describe('Of scope workspace, and that of the project'),
  project: z.string().optional(),
  role: z.string(),
  custom: z.string().optional().describe('uid of the CustomRole; left out of a built-in role'),
})
export type GrantedRole = z.infer<typeof GrantedRole>

/** The person behind a session, with what was granted to them. */
export const Person = z.object({
  name: z.string(),
  uid: z.string(),
  displayName: z.string().optional(),
  email: z.string().optional(),
  roles: z.array(GrantedRole),
  groups: z.array(z.string()).describe('Groups that requests are made with, besides the user flotilla:user:<uid>'),
})
export type Person = z.infer<typeof Person>

export const SessionView = z.object({
  person: Person,
  kind: z.enum(['browser', 'cli', 'token']).describe('token: an API token'),
  expiresAt: z.string(),
  mustChangePassword: z.boolean(),
})
export type SessionView = z.infer<typeof SessionView>

export const SignedIn = SessionView.extend({
  token: z.string().optional().describe('Only for kind cli; shown once, kept hashed'),
})

export const Password = z.string().min(12, 'must have at least 12 characters').max(1024)

export const AccessQuestion = z.object({
  verb: z
    .enum(['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'edit', 'grant', 'approve', 'audit'])
    .describe(
      'edit (applications): more than to operate them. grant (memberships): to give roles. approve (releases): to say yes or no to them. audit (memberships): to read who did what',
    ),
  group: z.string().max(253).default('flotilla.dev'),
  resource: z.string().min(1).max(253).describe('Plural, such as applications'),
  project: z.string().max(63).optional().describe("Asked in this project's host namespace"),
  workspace: z.string().max(63).optional().describe("Asked in this workspace's host namespace"),
  name: z.string().max(253).optional(),
})
export const AccessAnswer = z.object({
  allowed: z.boolean(),
  reason: z.string().optional().describe('Which right is missing, and who can grant it'),
})
