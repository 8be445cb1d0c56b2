import { z } from 'zod'
import { dnsSubdomain } from '../names.ts'
import { ClusterNetworkPolicy } from './network.ts'
import { baseStatus, cel, defineKind, objectSchema } from './define-kind.ts'

export const Resources = z.object({
  cpuMillis: z.number().int().describe('Thousandths of a core'),
  memoryBytes: z.number().int(),
  pods: z.number().int(),
})
export type Resources = z.infer<typeof Resources>

export const ClusterSpec = z.object({
  displayName: z.string().max(128).optional(),
  connection: z
    .object({
      type: z
        .enum(['direct', 'agent'])
        .describe('direct: the server dials the API server itself; agent: an agent in the cluster dials the server'),
      server: z
        .string()
        .max(2048)
        .optional()
        .describe('Address of the API server, https://host:port; of a direct connection')
        .meta(cel({ rule: "self.startsWith('https://')", message: 'must be an https:// address' })),
      secretName: dnsSubdomain()
        .optional()
        .describe('Secret in flotilla-system with ca.crt and token, or tls.crt and tls.key; of a direct connection'),
      tlsServerName: z.string().max(253).optional(),
    })
    .describe('How Flotilla reaches the cluster')
    .meta(
      cel({
        rule: "self.type == 'agent' ? !has(self.server) && !has(self.secretName) && !has(self.tlsServerName) : has(self.server) && has(self.secretName)",
        message: 'direct needs server and secretName; agent takes neither, nor tlsServerName',
      }),
    ),
  edge: z.boolean().default(false).describe('An edge site: offline is expected and raises no alarm at once'),
})
export type ClusterSpec = z.infer<typeof ClusterSpec>

export const ClusterStatus = z.object({
  ...baseStatus,
  state: z.enum(['Pending', 'Connected', 'Lost']).optional().describe('Lost is shown as lost, never as empty'),
  since: z.string().optional().describe('Since when the state holds'),
  message: z.string().max(4096).optional(),
  uid: z
    .string()
    .optional()
    .describe("uid of the cluster's kube-system namespace: tells whether two addresses are one cluster"),
  version: z.string().optional(),
  nodes: z.object({ ready: z.number().int(), total: z.number().int() }).optional(),
  capacity: Resources.optional().describe('Sum over nodes: what is built in'),
  allocatable: Resources.optional().describe('Sum over nodes: what pods may use'),
  requested: Resources.optional().describe('Sum over running pods: what is asked for'),
  lacks: z.array(z.string()).max(32).optional().describe('What the cluster does not have that Flotilla could use'),
  networkPolicy: ClusterNetworkPolicy.optional().describe('Absent until a project asks for isolation there'),
})
export type ClusterStatus = z.infer<typeof ClusterStatus>

export const ClusterKind = defineKind({
  kind: 'Cluster',
  plural: 'clusters',
  singular: 'cluster',
  shortNames: ['fcl'],
  scope: 'Cluster',
  description:
    'A Kubernetes cluster of the fleet. Its metadata.labels (region, cloud, environment) select it everywhere.',
  spec: ClusterSpec,
  status: ClusterStatus,
  printerColumns: [
    { name: 'State', type: 'string', jsonPath: '.status.state' },
    { name: 'Version', type: 'string', jsonPath: '.status.version' },
    { name: 'Nodes', type: 'integer', jsonPath: '.status.nodes.ready' },
    { name: 'Since', type: 'date', jsonPath: '.status.since' },
    { name: 'NetworkPolicy', type: 'string', jsonPath: '.status.networkPolicy.state', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  validations: [
    {
      rule: "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,48}[a-z0-9])?$')",
      message: 'metadata.name must be a DNS label of at most 50 characters',
    },
  ],
})
export const Cluster = objectSchema(ClusterKind)
export type Cluster = z.infer<typeof Cluster>
