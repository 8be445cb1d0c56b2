import { z } from 'zod'
import { ClusterChoice } from '../selectors.ts'
import { Quota, WorkspaceQuotaStatus } from './quota.ts'
import { ShellSettings } from './shells.ts'
import { baseStatus, defineKind, objectSchema } from './define-kind.ts'

export const WorkspaceSpec = z.object({
  displayName: z.string().max(128).optional(),
  description: z.string().max(2048).optional(),
  clusters: ClusterChoice.optional().describe('Clusters that projects of this workspace may use; absent means all'),
  quota: Quota.optional().describe('What its projects may use together, over all clusters'),
  shells: ShellSettings.optional().describe('Shells in the containers of all its projects'),
})
export type WorkspaceSpec = z.infer<typeof WorkspaceSpec>

export const WorkspaceStatus = z.object({
  ...baseStatus,
  namespace: z.string().optional().describe('Host namespace of its Projects and Memberships'),
  quota: WorkspaceQuotaStatus.optional(),
})

export const WorkspaceKind = defineKind({
  kind: 'Workspace',
  plural: 'workspaces',
  singular: 'workspace',
  shortNames: ['ws'],
  scope: 'Cluster',
  description: 'A department: its people, its projects, and the clusters that these may use.',
  spec: WorkspaceSpec,
  status: WorkspaceStatus,
  printerColumns: [
    { name: 'Namespace', type: 'string', jsonPath: '.status.namespace' },
    { name: 'Ready', type: 'string', jsonPath: ".status.conditions[?(@.type=='Ready')].status" },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  validations: [
    {
      rule: "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,48}[a-z0-9])?$')",
      message: 'metadata.name must be a DNS label of at most 50 characters',
    },
  ],
})
export const Workspace = objectSchema(WorkspaceKind)
export type Workspace = z.infer<typeof Workspace>
