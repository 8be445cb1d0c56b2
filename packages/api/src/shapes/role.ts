import { z } from 'zod'

const Rule = z.object({
  apiGroups: z.array(z.string()),
  resources: z.array(z.string()),
  verbs: z.array(z.string()),
  resourceNames: z.array(z.string()).optional(),
})

export const RoleRow = z.object({
  name: z.string(),
  builtIn: z.boolean(),
  displayName: z.string().optional(),
  description: z.string().optional(),
  grants: z.array(z.string()).describe('What it may do, such as applications.see'),
  givesRoles: z.boolean().describe('It gives and makes roles there, which a custom role cannot'),
  rules: z.array(Rule).describe("Rules of Kubernetes' RBAC beside them, in the clusters"),
  givenTo: z.array(z.string()).describe('Who has it in that very place; a few of them'),
  givenCount: z.number().int(),
  state: z.enum(['Ready', 'Pending', 'Refused', 'Removing']),
  message: z.string().optional(),
  clusters: z.array(
    z.object({ cluster: z.string(), state: z.enum(['Ready', 'Refused', 'Unknown']), message: z.string().optional() }),
  ),
})
export type RoleRow = z.infer<typeof RoleRow>
export const Roles = z.object({
  items: z.array(RoleRow).describe('The built-in ones, then the custom ones by name'),
  offered: z.array(z.string()).describe('What a custom role there may be made of'),
})
export type Roles = z.infer<typeof Roles>
