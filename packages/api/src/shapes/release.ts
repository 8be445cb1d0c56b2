import { Finding, ReleaseChoice, ReleasePhase } from '@flotilla/model'
import { z } from 'zod'
import { ObjectChange } from './difference.ts'
import { Failure, several, whole } from './wire.ts'

const ReleaseName = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'must be lower-case letters, digits and "-"')

export const PersonName = z.object({ name: z.string().describe('User name, or flotilla'), id: z.string() })

export const ReleaseRow = z.object({
  project: z.string(),
  workspace: z.string().optional(),
  application: z.string(),
  name: z.string(),
  uid: z.string(),
  phase: ReleasePhase,
  freezing: z.boolean().describe('It was asked to be frozen and is being rendered'),
  title: z.string().optional(),
  tickets: z.array(z.string()),
  authors: z.array(PersonName),
  message: z.string().optional(),
  waitingFor: z.string().optional(),
  waitingSince: z.string().optional(),
  choices: z.array(ReleaseChoice),
  targets: z.number().int().describe('Of a frozen one'),
  changes: z
    .object({ added: z.number().int(), changed: z.number().int(), removed: z.number().int() })
    .describe('Objects, over all targets, against what ran when it was frozen'),
  approvals: z.object({ approved: z.number().int(), rejected: z.number().int() }),
  rollout: z
    .object({
      name: z.string(),
      phase: z.string(),
      waitingFor: z.string().optional(),
      waitingSince: z.string().optional(),
      awaits: z
        .enum(['approval', 'decision'])
        .optional()
        .describe('What a person has to do before it goes on: approve, or decide about what paused it by itself'),
    })
    .optional(),
  findings: z.number().int(),
  createdAt: z.string(),
  frozenAt: z.string().optional(),
})
export type ReleaseRow = z.infer<typeof ReleaseRow>

export const ReleaseQuery = z.object({
  q: z.string().max(200).optional().describe('Part of a name, title, ticket or application'),
  project: several().optional(),
  application: several(40).optional(),
  phase: several(20).optional(),
  sort: z.enum(['created', '-created', 'name', '-name']).default('-created'),
  limit: whole(1, 500).default(100),
  continue: z.string().max(512).optional(),
})

export const ApprovalRow = z.object({
  name: z.string(),
  by: PersonName,
  decision: z.enum(['Approved', 'Rejected']),
  note: z.string().optional(),
  at: z.string(),
  step: z.string().optional().describe('stage/step that it is for; absent: all of the release'),
  rollout: z.string().optional(),
  current: z.boolean().describe('false: it names another digest, and counts for nothing'),
  voidBecause: z
    .enum(['digest', 'author', 'not-asked'])
    .optional()
    .describe('Why it counts for nothing: for other content, of who wrote it, or of somebody whom no step asks'),
})
export type ApprovalRow = z.infer<typeof ApprovalRow>

export const ReleaseTarget = z.object({
  cluster: z.string(),
  namespace: z.string(),
  environment: z.string().optional(),
  digest: z.string(),
  baseline: z.string().optional(),
  running: z.string().optional().describe('Digest of what is wanted there now'),
  baselineRelease: z.string().optional(),
  added: z.number().int(),
  changed: z.number().int(),
  removed: z.number().int(),
})

export const ComponentChange = z.object({
  component: z.string(),
  definition: z.object({ before: z.string().optional(), after: z.string().optional() }),
  images: z.array(z.object({ image: z.string(), before: z.string().optional(), after: z.string().optional() })),
})

export const ReleaseDetail = ReleaseRow.extend({
  notes: z.string().optional(),
  digest: z.string().optional().describe('Of the rendered sets: what an approval names'),
  writers: z
    .array(PersonName)
    .optional()
    .describe('Everybody who wrote what is in it, the application too: none of them approves it'),
  copiedFrom: z.object({ cluster: z.string(), namespace: z.string(), environment: z.string().optional() }).optional(),
  components: z.array(ComponentChange).describe('What changes in definition and artifacts, over all targets'),
  targetList: z.array(ReleaseTarget),
  migrations: z.array(z.object({ component: z.string(), name: z.string(), reversible: z.boolean() })),
  approvalList: z.array(ApprovalRow),
  findingList: z.array(Finding),
  rejected: z.object({ by: PersonName, reason: z.string() }).optional(),
  rollouts: z.array(
    z.object({
      name: z.string(),
      phase: z.string(),
      action: z.enum(['Release', 'Rollback']),
      startedAt: z.string().optional(),
    }),
  ),
})
export type ReleaseDetail = z.infer<typeof ReleaseDetail>

export const CreateRelease = z.object({
  application: z.string().min(1).max(40),
  name: ReleaseName.optional().describe('Made up of application and a number when absent'),
  title: z.string().max(200).optional(),
  notes: z.string().max(8192).optional(),
  tickets: z.array(z.string().min(1).max(2048)).max(50).optional(),
  components: z.array(ReleaseChoice).max(50).default([]),
  copyFrom: z
    .object({
      cluster: z.string().max(63).optional(),
      namespace: z.string().max(63).optional(),
      environment: z.string().max(63).optional(),
    })
    .optional()
    .describe('Take the versions that this target runs now, such as { environment: "staging" }; components given win'),
  freeze: z.boolean().default(false),
})

export const ReleaseDifferenceQuery = z.object({
  against: ReleaseName.optional().describe(
    'Another frozen release; absent: what ran when this one was frozen (of a draft: what runs now)',
  ),
  cluster: several().optional(),
  namespace: z.string().max(63).optional(),
  component: several(40).optional(),
})

export const ReleaseDifference = z.object({
  digest: z.string().optional().describe('Of the rendered sets behind it; absent for a draft'),
  components: z.array(ComponentChange),
  targets: z.array(
    z.object({
      cluster: z.string(),
      namespace: z.string(),
      environment: z.string().optional(),
      added: z.number().int(),
      changed: z.number().int(),
      removed: z.number().int(),
    }),
  ),
  items: z.array(ObjectChange).describe('At most 500; choose clusters to see others'),
  truncated: z.boolean(),
  failures: z.array(Failure),
  findings: z.array(Finding),
  unchanged: z.number().int(),
})
export type ReleaseDifference = z.infer<typeof ReleaseDifference>

export const GiveApproval = z.object({
  release: ReleaseName,
  digest: z.string().min(1).max(200).describe('What was looked at: digest of the release, as its difference says'),
  decision: z.enum(['Approved', 'Rejected']).default('Approved'),
  note: z.string().max(1024).optional(),
  rollout: ReleaseName.optional(),
  stage: z.string().max(40).optional(),
  step: z.string().max(40).optional().describe('Only this step of a rollout; its rollout and stage are needed, too'),
})
