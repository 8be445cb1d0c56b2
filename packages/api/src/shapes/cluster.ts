import { ClusterNetworkPolicy, Condition, Resources } from '@flotilla/model'
import { z } from 'zod'
import { flag, whole } from './wire.ts'

export const ConnectionView = z.discriminatedUnion('state', [
  z.object({ state: z.literal('connecting'), since: z.string() }),
  z.object({ state: z.literal('connected'), since: z.string(), version: z.string() }),
  z.object({ state: z.literal('lost'), since: z.string(), reason: z.string() }),
])
export type ConnectionView = z.infer<typeof ConnectionView>

export const ClusterRow = z.object({
  name: z.string(),
  displayName: z.string().optional(),
  labels: z.record(z.string(), z.string()),
  edge: z.boolean(),
  connection: ConnectionView,
  server: z.string().describe('Address of its API server; empty where an agent in the cluster connects it'),
  version: z.string().optional().describe('Last seen; kept while the cluster is lost'),
  nodes: z.object({ ready: z.number().int(), total: z.number().int() }).optional(),
  capacity: Resources.optional(),
  allocatable: Resources.optional(),
  requested: Resources.optional(),
  lacks: z.array(z.string()),
  networkPolicy: ClusterNetworkPolicy.omit({ request: true, seen: true })
    .optional()
    .describe(
      'Whether it enforces network policies, as it was measured; absent until a project asks for isolation there',
    ),
  /** Targets of applications in this cluster. */
  deliveries: z.object({
    total: z.number().int(),
    healthy: z.number().int(),
    unhealthy: z.number().int(),
    unknown: z.number().int(),
  }),
  message: z.string().optional().describe('What is the matter, in a sentence'),
  createdAt: z.string(),
  removing: z.boolean(),
})
export type ClusterRow = z.infer<typeof ClusterRow>

export const ClusterDetail = ClusterRow.extend({
  uid: z.string(),
  agent: z
    .object({ connected: z.boolean() })
    .optional()
    .describe('Whether its agent is connected; absent where the cluster is dialled'),
  clusterUid: z.string().optional().describe('Tells whether two addresses are one cluster'),
  conditions: z.array(Condition),
  applications: z.array(z.object({ project: z.string(), application: z.string(), namespace: z.string() })).max(1000),
})
export type ClusterDetail = z.infer<typeof ClusterDetail>

export const ClusterQuery = z.object({
  q: z.string().max(200).optional().describe('Part of a name, display name, label or version'),
  state: z.enum(['connecting', 'connected', 'lost']).optional(),
  edge: flag().optional(),
  sort: z.enum(['name', '-name', 'state', '-state', 'version', '-version']).default('name'),
  limit: whole(1, 1000).default(200),
  continue: z.string().max(512).optional(),
})

export const ClusterName = z
  .string()
  .max(50)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'must be a DNS label of at most 50 characters')

export const ClusterLabels = z.record(
  z
    .string()
    .min(1)
    .max(317)
    .regex(
      /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/,
      'must be a Kubernetes label key',
    ),
  z
    .string()
    .max(63)
    .regex(/^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/, 'must be a Kubernetes label value'),
)

export const AddCluster = z.object({
  name: ClusterName,
  kubeconfig: z
    .string()
    .min(1)
    .max(256 * 1024)
    .describe('Inline certificates or token only: exec, auth-provider and file paths are refused'),
  context: z.string().max(253).optional().describe('Context of the kubeconfig; its current one when absent'),
  displayName: z.string().max(128).optional(),
  labels: ClusterLabels.optional(),
  edge: z.boolean().default(false),
})

export const ChangeCluster = z.object({
  labels: z
    .record(z.string().min(1).max(317), z.string().max(63).nullable())
    .optional()
    .describe('null takes a label away'),
  displayName: z.string().max(128).optional(),
  edge: z.boolean().optional(),
  checkNetwork: z.literal(true).optional().describe('Measures now whether it enforces network policies'),
})
