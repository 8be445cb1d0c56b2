import { Finding, RolloutPhase, StagePhase, StepPhase, TargetPhase } from '@flotilla/model'
import { z } from 'zod'
import { ApprovalRow, PersonName } from './release.ts'
import { several, whole } from './wire.ts'

const objectName = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'must be lower-case letters, digits and "-"')
const reason = z.string().min(1).max(1024)
const targets = z.array(z.object({ cluster: z.string().max(63), namespace: z.string().max(63) })).max(1000)

export const RolloutRow = z.object({
  project: z.string(),
  workspace: z.string().optional(),
  application: z.string(),
  name: z.string(),
  uid: z.string(),
  release: z.string(),
  plan: z.string(),
  action: z.enum(['Release', 'Rollback']),
  of: z.string().optional().describe('Of a rollback: the rollout that it takes back'),
  phase: RolloutPhase,
  reason: z.string().optional(),
  message: z.string().optional(),
  since: z.string().optional(),
  waitingFor: z.string().optional(),
  waitingSince: z.string().optional(),
  author: PersonName,
  targets: z.object({
    total: z.number().int(),
    done: z.number().int(),
    failed: z.number().int(),
    deferred: z.number().int(),
  }),
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
  createdAt: z.string(),
})
export type RolloutRow = z.infer<typeof RolloutRow>

export const RolloutQuery = z.object({
  project: several().optional(),
  application: several(40).optional(),
  release: several(63).optional(),
  phase: several(20).optional(),
  running: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
  limit: whole(1, 500).default(100),
  continue: z.string().max(512).optional(),
})

export const StepView = z.object({
  name: z.string(),
  type: z.enum(['job', 'test', 'analysis', 'approval', 'wait', 'webhook']),
  list: z.enum(['before', 'after']),
  phase: z.union([StepPhase, z.literal('Planned')]),
  attempt: z.number().int().optional().describe('From 1 on'),
  since: z.string().optional(),
  endedAt: z.string().optional(),
  message: z.string().optional(),
  waitingFor: z.string().optional(),
  evidence: z.array(z.string()),
  migration: z.boolean(),
  reversible: z.boolean().optional().describe('Of a migration: whether it can be taken back'),
  hasLog: z.boolean(),
  job: z.object({ cluster: z.string(), namespace: z.string(), name: z.string() }).optional(),
  approval: z.object({ count: z.number().int(), given: z.array(PersonName), who: z.string() }).optional(),
})
export type StepView = z.infer<typeof StepView>

export const RolloutTargetView = z.object({
  cluster: z.string(),
  namespace: z.string(),
  environment: z.string().optional(),
  stage: z.string(),
  phase: TargetPhase,
  since: z.string(),
  attempt: z.number().int().describe('From 1 on'),
  message: z.string().optional(),
  waitingFor: z.string().optional(),
  unknownSince: z.string().optional(),
  digest: z.string(),
  before: z.string().optional(),
  steps: z.array(StepView),
})
export type RolloutTargetView = z.infer<typeof RolloutTargetView>

export const RolloutStageView = z.object({
  name: z.string(),
  phase: StagePhase,
  since: z.string().optional(),
  message: z.string().optional(),
  maxConcurrency: z.number().int(),
  maxFailures: z.number().int(),
  soakSeconds: z.number().int(),
  onFailure: z.string(),
  offline: z.string(),
  steps: z.array(StepView),
  targets: z.array(RolloutTargetView),
})
export type RolloutStageView = z.infer<typeof RolloutStageView>

export const RolloutDetail = RolloutRow.extend({
  digest: z.string().optional(),
  stages: z.array(RolloutStageView),
  paused: z.object({ by: PersonName, reason: z.string().optional() }).optional(),
  aborted: z.object({ by: PersonName, reason: z.string() }).optional(),
  left: z.array(z.object({ cluster: z.string(), namespace: z.string() })),
  approvalList: z.array(ApprovalRow),
  events: z
    .array(z.object({ at: z.string(), by: PersonName, what: z.string(), reason: z.string().optional() }))
    .describe('What people asked of it'),
  irreversible: z
    .array(z.string())
    .describe('Migrations that may have run and cannot be taken back: a rollback has to be forced past them'),
  why: z.string().optional(),
  findings: z.array(Finding).optional().describe('What is worth knowing of it since its start'),
})
export type RolloutDetail = z.infer<typeof RolloutDetail>

export const StartRollout = z.object({
  release: objectName,
  plan: objectName,
  name: objectName.optional(),
  targets: targets.optional(),
  digest: z.string().max(200).optional().describe('Refused when the release has another one by now'),
  reason: reason.optional(),
})
export const RollBack = z.object({
  name: objectName.optional(),
  reason,
  targets: targets.optional(),
  stages: z.array(z.string().max(40)).max(30).optional(),
  force: z
    .boolean()
    .default(false)
    .describe('Also past a migration that cannot be taken back, or where the application would be gone'),
})
export const Because = z.object({ reason })
export const PauseBody = z.object({ reason: reason.optional() }).optional()
const place = { cluster: z.string().max(63).optional(), namespace: z.string().max(63).optional() }
export const RetryBody = z.object({ ...place, stage: z.string().max(40).optional() })
export const SkipBody = z.object({
  ...place,
  stage: z.string().max(40).optional(),
  step: z.string().max(40).optional(),
  reason,
})
export const ResolveBody = z.object({
  ...place,
  stage: z.string().max(40),
  step: z.string().max(40),
  outcome: z.enum(['Succeeded', 'Failed']),
  reason,
})

export const ResolveHookBody = z.object({
  ...place,
  hook: z.string().max(253).optional().describe('Its name; needed where several wait for a word'),
  outcome: z.enum(['Succeeded', 'Failed']),
  reason,
})
export const ResolvedHook = z.object({
  project: z.string(),
  application: z.string(),
  hook: z.string(),
  cluster: z.string(),
  namespace: z.string(),
  outcome: z.enum(['Succeeded', 'Failed']),
})

export const RolloutAccepted = z.object({ project: z.string(), rollout: z.string(), changed: z.boolean() })

export const PlanRow = z.object({
  project: z.string(),
  name: z.string(),
  description: z.string().optional(),
  stages: z.array(
    z.object({
      name: z.string(),
      where: z.string().describe('Its targets, for a person'),
      steps: z.array(
        z.object({
          name: z.string(),
          type: z.string(),
          at: z.string(),
          reversible: z.boolean().optional().describe('Of a migration: whether it can be taken back'),
        }),
      ),
      maxConcurrency: z.number().int(),
      soakSeconds: z.number().int(),
      onFailure: z.string(),
    }),
  ),
  createdAt: z.string(),
})
export type PlanRow = z.infer<typeof PlanRow>

export const CheckPlan = z.object({
  release: z.string().min(1).max(63).describe('For which it is checked'),
  targets: targets.optional().describe('Only these, as a start would name them'),
})

/** What start would say: nothing is written. */
export const PlanCheck = z.object({
  findings: z.array(Finding),
  stages: z.array(
    z.object({ name: z.string(), targets: z.array(z.object({ cluster: z.string(), namespace: z.string() })) }),
  ),
  left: z.array(z.object({ cluster: z.string(), namespace: z.string() })).describe('Targets that no stage selects'),
})
export type PlanCheck = z.infer<typeof PlanCheck>

export const StepLog = z.object({ text: z.string(), attempt: z.number().int(), at: z.string(), running: z.boolean() })
