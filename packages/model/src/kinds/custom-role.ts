import { z } from 'zod'
import { reservedRoleNames } from '../access/built-in-roles.ts'
import { type RoleGrantId, roleGrantIds } from '../access/role-grants.ts'
import { baseStatus, cel, defineKind, listMap, objectSchema } from './define-kind.ts'

/** By which a role would give more than stands in it. */
const refusedVerbs = ['bind', 'escalate', 'impersonate'] as const

const ids = roleGrantIds as readonly [RoleGrantId, ...RoleGrantId[]]

export const CustomRule = z.object({
  apiGroups: z
    .array(
      z
        .string()
        .max(253)
        .regex(/^[a-z0-9.-]*$/, 'must be an API group by its name; "" is the core group, and * is not taken')
        .meta(
          cel({
            rule: "self != 'flotilla.dev'",
            message: 'rights over what Flotilla keeps are chosen in spec.grants',
          }),
        ),
    )
    .min(1)
    .max(20),
  resources: z
    .array(
      z
        .string()
        .min(1)
        .max(253)
        .regex(/^[a-z0-9.-]+(\/[a-z0-9.-]+)?$/, 'must be a plural such as pods or pods/log, and * is not taken'),
    )
    .min(1)
    .max(40),
  verbs: z
    .array(
      z
        .string()
        .min(1)
        .max(63)
        .regex(/^[a-z]+$/, 'must be a verb such as get, and * is not taken')
        .meta(
          cel({
            rule: `!(self in ${JSON.stringify(refusedVerbs)})`,
            message: 'bind, escalate and impersonate would give more than stands in the role',
          }),
        ),
    )
    .min(1)
    .max(20),
  resourceNames: z.array(z.string().min(1).max(253)).max(50).optional(),
})

export const CustomRoleSpec = z.object({
  displayName: z.string().max(128).optional(),
  description: z.string().max(2048).optional(),
  grants: z
    .array(z.enum(ids))
    .max(64)
    .default([])
    .describe('What it may do, in words such as applications.see or pods.logs; flotilla role grants lists them'),
  rules: z
    .array(CustomRule)
    .max(50)
    .default([])
    .describe("Rules of Kubernetes' RBAC beside them, in the namespaces of the clusters; for experts"),
})
export type CustomRoleSpec = z.infer<typeof CustomRoleSpec>

export const CustomRoleStatus = z.object({
  ...baseStatus,
  givenTo: z.array(z.string().max(1100)).max(50).optional().describe('Who has it: people, and groups of providers'),
  givenCount: z.number().int().optional(),
  clusters: z
    .array(
      z.object({
        cluster: z.string(),
        state: z.enum(['Ready', 'Refused', 'Unknown']),
        message: z.string().max(2048).optional(),
      }),
    )
    .max(500)
    .meta(listMap('cluster'))
    .optional()
    .describe('Refused: the cluster says that its rules are more than the administrator of the place has there'),
})
export type CustomRoleStatus = z.infer<typeof CustomRoleStatus>

export const CustomRoleKind = defineKind({
  kind: 'CustomRole',
  plural: 'customroles',
  singular: 'customrole',
  scope: 'Namespaced',
  description:
    'A role beside the built-in ones, given by a Membership in the same namespace: of the platform in flotilla-system, of a workspace in ws-<workspace>, of a project in pj-<project>. It never gives more than the administrator of that place has.',
  spec: CustomRoleSpec,
  status: CustomRoleStatus,
  printerColumns: [
    { name: 'Name', type: 'string', jsonPath: '.spec.displayName' },
    { name: 'Given', type: 'integer', jsonPath: '.status.givenCount' },
    { name: 'Ready', type: 'string', jsonPath: ".status.conditions[?(@.type=='Ready')].status" },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  validations: [
    {
      rule: "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,48}[a-z0-9])?$')",
      message: 'metadata.name must be a DNS label of at most 50 characters',
    },
    {
      rule: `!(self.metadata.name in ${JSON.stringify(reservedRoleNames)})`,
      message: 'metadata.name is the name of a built-in role; choose another',
    },
    {
      rule: 'self.spec.grants.size() + self.spec.rules.size() > 0',
      message: 'spec needs at least one of grants and rules',
    },
  ],
})
export const CustomRole = objectSchema(CustomRoleKind)
export type CustomRole = z.infer<typeof CustomRole>
