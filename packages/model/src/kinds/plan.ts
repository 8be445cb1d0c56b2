import { z } from 'zod'
import { dnsLabel } from '../names.ts'
import { ClusterChoice } from '../selectors.ts'
import { Finding } from './application.ts'
import { baseStatus, defineKind, listMap, objectSchema } from './define-kind.ts'
import { Step } from './plan-steps.ts'

const Steps = z.array(Step).max(20).meta(listMap('name'))
const clockTime = z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, 'must be HH:MM')

export const Window = z.object({
  days: z
    .array(z.enum(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']))
    .min(1)
    .max(7)
    .optional()
    .describe('Days on which it opens; all when absent'),
  from: clockTime,
  to: clockTime.describe('When it closes; before `from`: on the next day'),
})
export type Window = z.infer<typeof Window>

export const FreezePeriod = z.object({
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
  reason: z.string().min(1).max(256),
})
export type FreezePeriod = z.infer<typeof FreezePeriod>

export const OnFailure = z.enum(['Pause', 'RollbackTarget', 'RollbackStage', 'Continue'])
export type OnFailure = z.infer<typeof OnFailure>
export const OfflinePolicy = z.enum(['Wait', 'Defer', 'Fail'])
export type OfflinePolicy = z.infer<typeof OfflinePolicy>

export const Stage = z.object({
  name: dnsLabel(40),
  targets: z
    .object({
      clusters: ClusterChoice.optional(),
      environments: z.array(dnsLabel()).max(50).optional(),
    })
    .default({})
    .describe('Which targets of the release that no earlier stage took; all that are left when empty'),
  order: z.enum(['Name', 'Environment']).default('Name').describe('In which order targets begin'),
  maxConcurrency: z.number().int().min(1).max(1000).default(5).describe('How many targets change at the same time'),
  maxFailures: z
    .number()
    .int()
    .min(0)
    .max(1000)
    .default(0)
    .describe('How many targets may fail before onFailure acts on the stage'),
  soakSeconds: z
    .number()
    .int()
    .min(0)
    .max(2_592_000)
    .default(0)
    .describe('How long a target has to stay healthy before it counts'),
  deadlineSeconds: z.number().int().min(1).max(31_536_000).default(86_400).describe('How long the stage may take'),
  before: Steps.optional().describe('Once, before its first target'),
  after: Steps.optional().describe('Once, after its last target'),
  each: z
    .object({ before: Steps.optional(), after: Steps.optional() })
    .optional()
    .describe('In each of its targets, before the apply and after it is healthy'),
  onFailure: OnFailure.default('Pause'),
  offline: OfflinePolicy.default('Wait').describe(
    'A target whose cluster cannot be reached: wait for it, leave it for when it is back, or count it as failed',
  ),
})
export type Stage = z.infer<typeof Stage>

export const PlanSpec = z.object({
  description: z.string().max(1024).optional(),
  stages: z.array(Stage).min(1).max(30).meta(listMap('name')),
  windows: z.array(Window).max(20).optional().describe('New targets begin only while one of these is open'),
  timeZone: z.string().min(1).max(64).default('UTC').describe('IANA time zone of the windows, such as Asia/Shanghai'),
  freezes: z.array(FreezePeriod).max(50).optional().describe('Periods in which no target begins'),
  whenBusy: z
    .enum(['Queue', 'Replace'])
    .default('Queue')
    .describe('When another rollout has a target in hand: wait for it, or take its place'),
})
export type PlanSpec = z.infer<typeof PlanSpec>

export const PlanStatus = z.object({ ...baseStatus, findings: z.array(Finding).max(100).optional() })

export const PlanKind = defineKind({
  kind: 'Plan',
  plural: 'plans',
  singular: 'plan',
  shortNames: ['fplan'],
  scope: 'Namespaced',
  description:
    'How a release goes out: stages over targets, what runs before and after, who approves, what a failure does.',
  spec: PlanSpec,
  status: PlanStatus,
  printerColumns: [{ name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }],
  validations: [
    {
      rule: "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$')",
      message: 'metadata.name must be a DNS label of at most 63 characters',
    },
  ],
})
export const Plan = objectSchema(PlanKind)
export type Plan = z.infer<typeof Plan>
