import { z } from 'zod'
import { dnsLabel } from '../names.ts'
import { ClusterChoice } from '../selectors.ts'
import { ProjectNetwork, TargetNetwork } from './network.ts'
import { ContainerLimits, ProjectQuotaStatus, Quota } from './quota.ts'
import { ShellSettings } from './shells.ts'
import { baseStatus, cel, defineKind, objectSchema } from './define-kind.ts'

/** What namespaces of Kubernetes and of Flotilla itself begin with. */
const reserved = ['kube-', 'flotilla-', 'ws-', 'pj-'] as const

export const ProjectTarget = z.object({
  clusters: ClusterChoice,
  namespace: dnsLabel()
    .optional()
    .describe("Namespace in these clusters; the project's name when absent")
    .meta(
      cel({
        rule: `${reserved.map((prefix) => `!self.startsWith('${prefix}')`).join(' && ')} && self != 'default'`,
        message: 'must not be a namespace of Kubernetes or of Flotilla (ws-, pj-)',
      }),
    ),
  environment: dnsLabel().optional().describe('dev, staging, prod ...: selectors see it as flotilla.dev/environment'),
  quota: Quota.optional().describe('What each of these namespaces gets of the project; the others share what is left'),
})
export type ProjectTarget = z.infer<typeof ProjectTarget>

export const ProjectSpec = z.object({
  displayName: z.string().max(128).optional(),
  description: z.string().max(2048).optional(),
  targets: z.array(ProjectTarget).max(100).describe('Where the project lives: namespaces in chosen clusters'),
  scope: z
    .enum(['Namespaced', 'Cluster'])
    .default('Namespaced')
    .describe('Cluster: may deliver CRDs and cluster-scoped objects. Platform administrators only'),
  podSecurity: z
    .enum(['privileged', 'baseline', 'restricted'])
    .default('baseline')
    .describe(
      'Pod Security level of the namespaces that are made for it. privileged (host paths, host network, privileged containers): platform administrators only',
    ),
  quota: Quota.optional().describe('What all targets together may use: a ResourceQuota in each has its part of it'),
  limits: ContainerLimits.optional().describe('What a container gets and may have: a LimitRange in each target'),
  network: ProjectNetwork.optional().describe('Who may connect to its pods: a NetworkPolicy in each target'),
  shells: ShellSettings.optional().describe('Shells in its containers, whichever way they are opened'),
})
export type ProjectSpec = z.infer<typeof ProjectSpec>

export const ProjectTargetStatus = z.object({
  cluster: z.string(),
  namespace: z.string(),
  environment: z.string().optional(),
  state: z.enum(['Ready', 'Pending', 'Refused', 'Unknown']),
  message: z.string().optional(),
  network: TargetNetwork.optional().describe('Whether its pods are isolated; absent where nobody asked for it'),
})
export type ProjectTargetStatus = z.infer<typeof ProjectTargetStatus>

export const ProjectStatus = z.object({
  ...baseStatus,
  namespace: z.string().optional().describe('Host namespace of its Applications, Deliveries and Credentials'),
  targets: z.array(ProjectTargetStatus).max(2000).optional(),
  quota: ProjectQuotaStatus.optional(),
})
export type ProjectStatus = z.infer<typeof ProjectStatus>

export const ProjectKind = defineKind({
  kind: 'Project',
  plural: 'projects',
  singular: 'project',
  shortNames: ['fpj'],
  scope: 'Namespaced',
  description: "An application's namespaces across clusters, in the host namespace of its workspace (ws-<workspace>).",
  spec: ProjectSpec,
  status: ProjectStatus,
  printerColumns: [
    { name: 'Namespace', type: 'string', jsonPath: '.status.namespace' },
    { name: 'Ready', type: 'string', jsonPath: ".status.conditions[?(@.type=='Ready')].status" },
    { name: 'Isolated', type: 'string', jsonPath: ".status.conditions[?(@.type=='Isolated')].reason" },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  validations: [
    {
      rule: "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,48}[a-z0-9])?$')",
      message: 'metadata.name must be a DNS label of at most 50 characters',
    },
    {
      rule: `${reserved.map((prefix) => `!self.metadata.name.startsWith('${prefix}')`).join(' && ')} && self.metadata.name != 'default'`,
      message: 'metadata.name must not be a namespace of Kubernetes or of Flotilla (ws-, pj-)',
    },
  ],
})
export const Project = objectSchema(ProjectKind)
export type Project = z.infer<typeof Project>
