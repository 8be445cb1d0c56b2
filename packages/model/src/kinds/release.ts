import { z } from 'zod'
import { dnsLabel } from '../names.ts'
import { Finding } from './application.ts'
import { baseStatus, cel, defineKind, listMap, objectSchema } from './define-kind.ts'
import { Images } from './source.ts'

/** Who wrote something, as Kubernetes calls them: `flotilla:user:<uid>`. Admission holds it to the writer. */
export const Author = z.string().min(1).max(256)

export const ReleaseChoice = z.object({
  name: dnsLabel(40).describe('Component of the application'),
  version: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('Its definition: chart version, tag, commit or upload digest. Absent: as it is'),
  images: Images.optional().describe('Its artifacts. What is not named stays as it is'),
})
export type ReleaseChoice = z.infer<typeof ReleaseChoice>

export const ReleaseSpec = z
  .object({
    application: dnsLabel(40),
    title: z.string().max(200).optional(),
    notes: z.string().max(8192).optional(),
    tickets: z.array(z.string().min(1).max(2048)).max(50).optional().describe('Numbers or addresses of tickets'),
    components: z
      .array(ReleaseChoice)
      .max(50)
      .default([])
      .describe('What is chosen; all else is as the application declares it')
      .meta(listMap('name')),
    copiedFrom: z
      .object({
        cluster: z.string().max(63),
        namespace: z.string().max(63),
        environment: z.string().max(63).optional(),
      })
      .optional()
      .describe('The target whose versions were taken over, such as staging'),
    authors: z.array(Author).min(1).max(20).describe('Everybody who wrote it; none of them approves it'),
    freeze: z.boolean().default(false).describe('Ask to freeze it: rendered once, immutable from then on'),
    rejected: z
      .object({ by: Author, reason: z.string().min(1).max(1024) })
      .optional()
      .describe('Set to say that it never goes out'),
  })
  .meta(
    cel(
      { rule: 'self.application == oldSelf.application', message: 'application cannot change; make another Release' },
      {
        rule: '!oldSelf.freeze || (self.freeze && self.components == oldSelf.components && self.authors == oldSelf.authors && (has(self.title) ? self.title : "") == (has(oldSelf.title) ? oldSelf.title : "") && (has(self.notes) ? self.notes : "") == (has(oldSelf.notes) ? oldSelf.notes : "") && has(self.tickets) == has(oldSelf.tickets) && (!has(self.tickets) || self.tickets == oldSelf.tickets) && has(self.copiedFrom) == has(oldSelf.copiedFrom) && (!has(self.copiedFrom) || self.copiedFrom == oldSelf.copiedFrom))',
        message: 'a frozen Release never changes; make another',
      },
      {
        rule: '!has(oldSelf.rejected) || (has(self.rejected) && self.rejected == oldSelf.rejected)',
        message: 'what was rejected stays rejected; make another Release',
      },
    ),
  )
export type ReleaseSpec = z.infer<typeof ReleaseSpec>

export const ReleasePhase = z.enum(['Draft', 'Frozen', 'Rolling', 'Active', 'Superseded', 'RolledBack', 'Rejected'])
export type ReleasePhase = z.infer<typeof ReleasePhase>

export const FrozenTargetSummary = z.object({
  cluster: z.string(),
  namespace: z.string(),
  environment: z.string().optional(),
  digest: z.string().describe('Over what is rendered for this target'),
  baseline: z.string().optional().describe('Digest of what ran there when it was frozen; absent: nothing'),
  added: z.number().int(),
  changed: z.number().int(),
  removed: z.number().int(),
})
export type FrozenTargetSummary = z.infer<typeof FrozenTargetSummary>

export const ReleaseStatus = z.object({
  ...baseStatus,
  phase: ReleasePhase.optional(),
  message: z.string().max(4096).optional(),
  waitingFor: z.string().max(1024).optional(),
  waitingSince: z.string().optional(),
  frozen: z
    .object({
      digest: z.string().describe('Keyed digest over the rendered sets of all targets: what an Approval names'),
      document: z.string().describe('Digest of the stored document that holds all of it'),
      at: z.string(),
      declared: z
        .string()
        .optional()
        .describe('Digest of what the application declared then, to tell whether it was edited since'),
      authors: z.array(Author).max(250).describe('Who wrote what is in it: release and application'),
      componentVersions: z.array(z.string()).max(50),
      targets: z.array(FrozenTargetSummary).max(1000),
      migrations: z
        .array(z.object({ name: z.string().max(253), component: z.string(), reversible: z.boolean() }))
        .max(200)
        .optional()
        .describe('Hooks of its charts that migrate'),
    })
    .optional(),
  rollout: z.string().optional().describe('The newest Rollout of it'),
  findings: z.array(Finding).max(100).optional(),
})
export type ReleaseStatus = z.infer<typeof ReleaseStatus>

export const ReleaseKind = defineKind({
  kind: 'Release',
  plural: 'releases',
  singular: 'release',
  shortNames: ['frel'],
  scope: 'Namespaced',
  description:
    'A set of component versions for an application, with the exact difference from what runs now. Immutable once frozen; a Rollout applies exactly its bytes.',
  spec: ReleaseSpec,
  status: ReleaseStatus,
  printerColumns: [
    { name: 'Application', type: 'string', jsonPath: '.spec.application' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
    { name: 'Title', type: 'string', jsonPath: '.spec.title' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  validations: [
    {
      rule: "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$')",
      message: 'metadata.name must be a DNS label of at most 63 characters',
    },
  ],
})
export const Release = objectSchema(ReleaseKind)
export type Release = z.infer<typeof Release>
