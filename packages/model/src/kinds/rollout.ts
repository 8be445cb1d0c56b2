import { z } from 'zod'
import { dnsLabel } from '../names.ts'
import { baseStatus, cel, defineKind, objectSchema } from './define-kind.ts'
import { Finding } from './application.ts'
import { Author } from './release.ts'

export const TargetRef = z.object({ cluster: z.string().min(1).max(63), namespace: z.string().min(1).max(63) })
export type TargetRef = z.infer<typeof TargetRef>

const reason = z.string().min(1).max(1024)

/** Names one step of a run: of a stage, or of one of its targets. */
export const StepRef = z.object({ stage: dnsLabel(40), target: TargetRef.optional(), step: dnsLabel(40) })
export type StepRef = z.infer<typeof StepRef>

export const RolloutControl = z
  .object({
    paused: z.object({ by: Author, reason: reason.optional() }).optional().describe('While set nothing new begins'),
    resumed: z.number().int().min(0).default(0).describe('Raised to go on after the rollout paused by itself'),
    abort: z.object({ by: Author, reason }).optional().describe('What runs is let end, nothing more begins'),
    retries: z
      .array(z.object({ id: dnsLabel(), by: Author, target: TargetRef.optional(), stage: dnsLabel(40).optional() }))
      .max(200)
      .default([])
      .describe('Failed targets, or the failed steps of a stage, that are tried again'),
    skips: z
      .array(z.object({ id: dnsLabel(), by: Author, reason, target: TargetRef.optional(), step: StepRef.optional() }))
      .max(200)
      .default([]),
    resolutions: z
      .array(z.object({ id: dnsLabel(), by: Author, reason, step: StepRef, outcome: z.enum(['Succeeded', 'Failed']) }))
      .max(200)
      .default([])
      .describe('What a person found out about a step whose outcome nobody knew'),
  })
  .describe('What people ask of a run')
export type RolloutControl = z.infer<typeof RolloutControl>

export const RolloutSpec = z
  .object({
    application: dnsLabel(40),
    release: dnsLabel().describe('What goes out; of a rollback, the release that is taken back'),
    plan: dnsLabel(),
    author: Author,
    targets: z.array(TargetRef).min(1).max(1000).optional().describe('Only these; all of the release when absent'),
    rollback: z
      .object({
        of: dnsLabel().describe('The Rollout whose targets go back to what they had before it'),
        stages: z.array(dnsLabel(40)).max(30).optional(),
        force: z
          .object({ reason })
          .optional()
          .describe('Also past a migration that cannot be taken back, or where the application would be gone'),
      })
      .optional(),
    reason: reason.optional(),
    control: RolloutControl.default({ resumed: 0, retries: [], skips: [], resolutions: [] }),
  })
  .meta(
    cel({
      rule: 'self.application == oldSelf.application && self.release == oldSelf.release && self.plan == oldSelf.plan && self.author == oldSelf.author && has(self.targets) == has(oldSelf.targets) && (!has(self.targets) || self.targets == oldSelf.targets) && has(self.rollback) == has(oldSelf.rollback) && (!has(self.rollback) || self.rollback == oldSelf.rollback) && (has(self.reason) ? self.reason : "") == (has(oldSelf.reason) ? oldSelf.reason : "")',
      message: 'a Rollout is what it was started as; only spec.control changes',
    }),
  )
export type RolloutSpec = z.infer<typeof RolloutSpec>

export const RolloutPhase = z.enum([
  'Pending',
  'Running',
  'Paused',
  'Succeeded',
  'Failed',
  'Aborted',
  'RolledBack',
  'RollbackFailed',
])
export type RolloutPhase = z.infer<typeof RolloutPhase>
/** Phases in which a run has ended. */
export const endedPhases: readonly RolloutPhase[] = ['Succeeded', 'Failed', 'Aborted', 'RolledBack', 'RollbackFailed']

export const StepPhase = z.enum(['Intended', 'Running', 'Succeeded', 'Failed', 'Uncertain', 'Skipped'])
export type StepPhase = z.infer<typeof StepPhase>

/** Written before a step begins, so that whoever takes over knows that it may run already. */
export const StepRecord = z.object({
  name: z.string().max(40),
  phase: StepPhase,
  attempt: z.number().int(),
  since: z.string(),
  endedAt: z.string().optional(),
  message: z.string().max(1024).optional(),
  waitingFor: z.string().max(512).optional(),
  job: z.object({ cluster: z.string(), namespace: z.string(), name: z.string() }).optional(),
  evidence: z.array(z.string().max(256)).max(20).optional().describe('What was measured, or who approved'),
  stopping: z
    .object({ as: z.enum(['Failed', 'Skipped']), message: z.string().max(1024) })
    .optional()
    .describe('It was asked to end, and this is what it then counts as'),
  held: z.boolean().optional().describe('It ended, and its Job and log are not let go of yet'),
  ran: z.boolean().optional().describe('Something of it may have run, though it was skipped or is tried again'),
  ranBefore: z
    .boolean()
    .optional()
    .describe(
      'Somebody else had run it before the release was compared with what runs: a rollback goes past none of it',
    ),
  again: z.boolean().optional().describe('It is to run once more, as the next attempt, which has not begun'),
  resolution: z.string().optional().describe('Id of the resolution by which a person said how it ended'),
})
export type StepRecord = z.infer<typeof StepRecord>

export const TargetPhase = z.enum([
  'Pending',
  'PreHooks',
  'Applying',
  'WaitingHealth',
  'Verifying',
  'Soaking',
  'Succeeded',
  'Failed',
  'Deferred',
  'Skipped',
  'RollingBack',
  'RolledBack',
  'RollbackFailed',
])
export type TargetPhase = z.infer<typeof TargetPhase>

export const RolloutTarget = z.object({
  ...TargetRef.shape,
  environment: z.string().optional(),
  delivery: z.string().describe('Name of its Delivery'),
  stage: z.string(),
  digest: z.string().describe('What it is to have'),
  before: z.string().optional().describe('Digest of what it had; absent: nothing'),
  phase: TargetPhase,
  attempt: z.number().int().default(0),
  since: z.string(),
  message: z.string().max(1024).optional(),
  waitingFor: z.string().max(512).optional(),
  unknownSince: z.string().optional(),
  writtenAt: z.string().optional().describe('Since when this run may have written its Delivery'),
  passed: z.boolean().optional().describe('It failed, and a person let the run go on past it'),
  takenBy: z.string().optional().describe('The Rollout that took its place here before it was done'),
  steps: z.array(StepRecord).max(40).optional(),
})
export type RolloutTarget = z.infer<typeof RolloutTarget>

export const StagePhase = z.enum([
  'Pending',
  'Before',
  'Targets',
  'After',
  'Succeeded',
  'Failed',
  'RollingBack',
  'RolledBack',
])
export type StagePhase = z.infer<typeof StagePhase>

export const RolloutStage = z.object({
  name: z.string(),
  phase: StagePhase,
  since: z.string(),
  startedAt: z.string().optional(),
  deadlineAt: z.string().optional().describe('Until when it may take; later when a person let it go on'),
  message: z.string().max(1024).optional(),
  waitingFor: z.string().max(512).optional(),
  steps: z.array(StepRecord).max(40).optional(),
})
export type RolloutStage = z.infer<typeof RolloutStage>

export const RolloutStatus = z.object({
  ...baseStatus,
  phase: RolloutPhase.optional(),
  reason: z.string().max(64).optional().describe('Why it is in this phase, in one word'),
  message: z.string().max(4096).optional(),
  since: z.string().optional(),
  waitingFor: z.string().max(1024).optional(),
  waitingSince: z.string().optional(),
  awaits: z
    .enum(['Approval', 'Decision'])
    .optional()
    .describe('What a person has to do for it to go on: approve, or decide about what paused it by itself'),
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
  claim: z
    .object({
      whenBusy: z.enum(['Queue', 'Replace']),
      targets: z.array(TargetRef).max(1000),
      replaced: z.array(z.string()).max(100).optional().describe('Rollouts whose place it takes'),
    })
    .optional()
    .describe('Targets that it is going to take, said before it starts, so that other runs make room or wait'),
  findings: z.array(Finding).max(100).optional().describe('What is wrong with it, or worth knowing, since its start'),
  snapshot: z
    .object({
      at: z.string(),
      document: z
        .string()
        .describe('Digest of the stored document with plan, targets, what they get and what they had'),
      release: z.string().describe('Digest of the rendered sets: what approvals name'),
    })
    .optional(),
  stages: z.array(RolloutStage).max(30).optional(),
  targets: z.array(RolloutTarget).max(1000).optional(),
  seen: z
    .object({ resumed: z.number().int(), ids: z.array(z.string()).max(600) })
    .optional()
    .describe('What people asked for that is done: each is done once'),
  left: z.array(TargetRef).max(100).optional().describe('Targets that came after the start: they have no part in it'),
})
export type RolloutStatus = z.infer<typeof RolloutStatus>

export const RolloutKind = defineKind({
  kind: 'Rollout',
  plural: 'rollouts',
  singular: 'rollout',
  shortNames: ['fro'],
  scope: 'Namespaced',
  description:
    'One run of a release through a plan: what it does in each target, what it waits for, and what people ask of it.',
  spec: RolloutSpec,
  status: RolloutStatus,
  printerColumns: [
    { name: 'Application', type: 'string', jsonPath: '.spec.application' },
    { name: 'Release', type: 'string', jsonPath: '.spec.release' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
    { name: 'Waiting for', type: 'string', jsonPath: '.status.waitingFor' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  validations: [
    {
      rule: "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$')",
      message: 'metadata.name must be a DNS label of at most 63 characters',
    },
  ],
})
export const Rollout = objectSchema(RolloutKind)
export type Rollout = z.infer<typeof Rollout>
