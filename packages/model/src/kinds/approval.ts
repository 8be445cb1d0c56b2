import { z } from 'zod'
import { dnsLabel } from '../names.ts'
import { baseStatus, cel, defineKind, objectSchema } from './define-kind.ts'
import { Author } from './release.ts'
import { StepRef } from './rollout.ts'

export const ApprovalSpec = z
  .object({
    release: dnsLabel(),
    digest: z
      .string()
      .min(1)
      .max(200)
      .describe('Digest of the rendered sets that were looked at (status.frozen.digest)'),
    step: StepRef.extend({ rollout: dnsLabel() })
      .optional()
      .describe('The step that waits for it; absent: every approval step of the release'),
    decision: z.enum(['Approved', 'Rejected']).default('Approved'),
    note: z.string().max(1024).optional(),
    approver: Author.describe('Who writes it, nobody else'),
  })
  .meta(cel({ rule: 'self == oldSelf', message: 'an Approval never changes; delete it to take it back' }))
export type ApprovalSpec = z.infer<typeof ApprovalSpec>

export const ApprovalKind = defineKind({
  kind: 'Approval',
  plural: 'approvals',
  singular: 'approval',
  shortNames: ['fok'],
  scope: 'Namespaced',
  description:
    'One person says yes or no to exactly what a release would change. Another digest makes it count for nothing.',
  spec: ApprovalSpec,
  status: z.object({ ...baseStatus }),
  printerColumns: [
    { name: 'Release', type: 'string', jsonPath: '.spec.release' },
    { name: 'Decision', type: 'string', jsonPath: '.spec.decision' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
})
export const Approval = objectSchema(ApprovalKind)
export type Approval = z.infer<typeof Approval>
