import { z } from 'zod'
import { dnsLabel } from '../names.ts'
import { cel } from './define-kind.ts'

const octet = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
/** Canonical enough for everybody: what NetworkPolicy itself takes is left to the API server of the member. */
const range = new RegExp(
  `^((${octet}\\.){3}${octet}/([12]?[0-9]|3[0-2])|[0-9a-f:]*:[0-9a-f:]*/([1-9]?[0-9]|1[01][0-9]|12[0-8]))$`,
)

/** Others that a project's pods may speak with, beside each other. */
export const NetworkPeers = z.object({
  workspace: z.boolean().optional().describe('All projects of the same workspace'),
  namespaces: z
    .array(dnsLabel())
    .max(32)
    .optional()
    .describe('Namespaces of the cluster by name, such as that of its ingress controller'),
  namespaceLabels: z
    .record(
      // keys are left to the API server of the member: a definition cannot say their form
      z.string(),
      z
        .string()
        .max(63)
        .regex(/^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/, 'must be a Kubernetes label value'),
    )
    .meta({ maxProperties: 16 })
    .optional()
    .describe('Namespaces of the cluster that have all these labels'),
  addresses: z
    .array(z.string().max(43).regex(range, 'must be a network such as 10.0.0.0/8 or 2001:db8::/32'))
    .max(64)
    .optional()
    .describe('Networks, such as that of a load balancer or of nodes'),
})
export type NetworkPeers = z.infer<typeof NetworkPeers>

export const ProjectNetwork = z
  .object({
    isolation: z
      .enum(['Open', 'Isolated'])
      .default('Open')
      .describe(
        'Isolated: only pods of the project itself, in all its namespaces of the cluster, and those of allowFrom reach its pods',
      ),
    allowFrom: NetworkPeers.optional().describe('Who else may connect to the pods'),
    egress: z
      .enum(['Open', 'Isolated'])
      .default('Open')
      .describe('Isolated: the pods reach the project itself, name servers and allowTo only'),
    allowTo: NetworkPeers.optional().describe('What else the pods may connect to'),
  })
  .meta(
    cel(
      {
        rule: "self.isolation == 'Isolated' || (self.egress == 'Open' && !has(self.allowFrom))",
        message: 'egress and allowFrom need isolation: Isolated',
      },
      { rule: "self.egress == 'Isolated' || !has(self.allowTo)", message: 'allowTo needs egress: Isolated' },
    ),
  )
export type ProjectNetwork = z.infer<typeof ProjectNetwork>

export const isIsolated = (network: ProjectNetwork | undefined): boolean => network?.isolation === 'Isolated'

/** What is known of a cluster's network: measured with pods, never guessed. */
export const ClusterNetworkPolicy = z.object({
  state: z
    .enum(['Enforced', 'NotEnforced', 'Unknown'])
    .describe('Whether a NetworkPolicy blocks there what it does not allow'),
  since: z.string().describe('Since when the state holds'),
  checkedAt: z.string().describe('When it was measured last, or tried to be'),
  message: z.string().max(4096).describe('How it was found, or why it is not known and what to do'),
  request: z.string().max(256).optional().describe("The administrator's request that this answers"),
  seen: z.string().max(512).optional().describe('By what the network was told from another one when it was measured'),
})
export type ClusterNetworkPolicy = z.infer<typeof ClusterNetworkPolicy>

export const TargetNetwork = z.object({
  state: z
    .enum(['Isolated', 'NotEnforced', 'Unknown'])
    .describe('NotEnforced: the policy is there, and the cluster does not act on it'),
  message: z.string().max(4096),
})
export type TargetNetwork = z.infer<typeof TargetNetwork>
