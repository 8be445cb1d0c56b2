import { ClusterChoice, Condition, ProjectNetwork, ProjectQuotaStatus, TargetNetwork } from '@flotilla/model'
import { z } from 'zod'

const Amounts = z.record(z.string(), z.string()).describe('Quantities by the names of a ResourceQuota')

export const WorkspaceRow = z.object({
  name: z.string(),
  uid: z.string(),
  displayName: z.string().optional(),
  description: z.string().optional(),
  namespace: z.string(),
  clusters: ClusterChoice.optional().describe('Clusters that its projects may use; absent means all'),
  projects: z.number().int(),
  members: z.number().int().describe('People who have a role in the workspace itself'),
  quota: z
    .object({
      hard: Amounts,
      allocated: Amounts.describe('What its projects have together'),
      used: Amounts.optional().describe('What of that they use, as far as their clusters have said'),
    })
    .optional()
    .describe('What its projects may use together; absent where nothing bounds them'),
  ready: z.boolean(),
  message: z.string().optional(),
  createdAt: z.string(),
})
export type WorkspaceRow = z.infer<typeof WorkspaceRow>

export const ProjectTargetView = z.object({
  cluster: z.string(),
  namespace: z.string(),
  environment: z.string().optional(),
  state: z.enum(['Ready', 'Pending', 'Refused', 'Unknown']),
  message: z.string().optional(),
  network: TargetNetwork.optional().describe('Whether its pods are isolated; absent where nobody asked for it'),
})

export const ProjectRow = z.object({
  name: z.string(),
  uid: z.string(),
  workspace: z.string(),
  displayName: z.string().optional(),
  description: z.string().optional(),
  namespace: z.string().describe('Host namespace of its applications'),
  scope: z.enum(['Namespaced', 'Cluster']),
  podSecurity: z.enum(['privileged', 'baseline', 'restricted']),
  network: ProjectNetwork.optional().describe('Who may connect to its pods; absent where everybody may'),
  targets: z.array(ProjectTargetView),
  applications: z.number().int(),
  ready: z.boolean(),
  message: z.string().optional(),
  createdAt: z.string(),
})
export type ProjectRow = z.infer<typeof ProjectRow>

export const ProjectDetail = ProjectRow.extend({
  conditions: z.array(Condition),
  quota: ProjectQuotaStatus.omit({ revision: true }).optional().describe('Absent where nothing is asked for'),
})
export type ProjectDetail = z.infer<typeof ProjectDetail>
