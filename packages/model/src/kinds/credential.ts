import { z } from 'zod'
import { dnsSubdomain } from '../names.ts'
import { baseStatus, defineKind, objectSchema } from './define-kind.ts'

export const CredentialSpec = z.object({
  type: z.enum(['Registry', 'Git', 'HelmRepository']).describe('What it opens'),
  host: z.string().min(1).max(253).describe('Host, with port where needed, that may be sent this credential'),
  secretName: dnsSubdomain().describe(
    'Secret beside it with username and password (Registry, HelmRepository), or username and password or token (Git)',
  ),
  copyToTargets: z
    .boolean()
    .default(false)
    .describe('Registry only: keep a pull secret of the same name in every target namespace'),
})
export type CredentialSpec = z.infer<typeof CredentialSpec>

export const CredentialStatus = z.object({ ...baseStatus })

export const CredentialKind = defineKind({
  kind: 'Credential',
  plural: 'credentials',
  singular: 'credential',
  scope: 'Namespaced',
  description: 'Opens a registry, a Git host or a chart repository for the applications of its project.',
  spec: CredentialSpec,
  status: CredentialStatus,
  printerColumns: [
    { name: 'Type', type: 'string', jsonPath: '.spec.type' },
    { name: 'Host', type: 'string', jsonPath: '.spec.host' },
    { name: 'Ready', type: 'string', jsonPath: ".status.conditions[?(@.type=='Ready')].status" },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  validations: [
    {
      rule: "self.spec.type == 'Registry' || !self.spec.copyToTargets",
      message: 'spec.copyToTargets is for type Registry',
    },
  ],
})
export const Credential = objectSchema(CredentialKind)
export type Credential = z.infer<typeof Credential>
