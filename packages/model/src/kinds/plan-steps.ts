import { z } from 'zod'
import { dnsLabel, dnsSubdomain } from '../names.ts'
import { preserveUnknown } from './define-kind.ts'
import { oneOf } from './one-of.ts'

const url = z
  .string()
  .min(1)
  .max(2048)
  .regex(/^https?:\/\/[^\s\p{Cc}]+$/u, 'must be an http:// or https:// address')

/** A Job's pod template (`core/v1 PodTemplateSpec`); the rest of the Job is Flotilla's: one run, no retries of its own. */
const PodTemplate = z
  .record(z.string(), z.unknown())
  .describe('Pod template of the Job, as in batch/v1 Job spec.template')
  .meta(preserveUnknown)

export const JobStep = z.object({
  template: PodTemplate,
  imagesOf: dnsLabel(40)
    .optional()
    .describe('Component whose images of the release replace those of the template, by image name'),
  cluster: z.string().min(1).max(63).optional().describe("Where it runs; the stage's first target when absent"),
  migration: z
    .object({
      database: dnsLabel()
        .optional()
        .describe(
          'Name of the database that it changes: it runs once for it, whichever target. Absent: once per target',
        ),
      reversible: z.boolean().default(true).describe('false: nothing is rolled back past it, unless forced'),
      idempotent: z.boolean().default(false).describe('true: it may run again when nobody knows how it ended'),
    })
    .optional()
    .describe('Says that it migrates: the same content runs once, over retries and rollouts'),
})
export type JobStep = z.infer<typeof JobStep>

export const TestStep = oneOf(
  {
    job: z.object({ template: PodTemplate, imagesOf: dnsLabel(40).optional() }).optional(),
    helm: z
      .object({ component: dnsLabel(40) })
      .optional()
      .describe('The test hooks of its chart, as `helm test` runs them'),
  },
  {},
)
export type TestStep = z.infer<typeof TestStep>

export const AnalysisStep = z
  .object({
    prometheus: z
      .object({
        url,
        query: z.string().min(1).max(4096),
        credentialName: dnsSubdomain()
          .optional()
          .describe('Secret of the project with `token`, or `username` and `password`'),
      })
      .optional(),
    http: z
      .object({
        url,
        status: z.array(z.number().int().min(100).max(599)).max(20).default([200]),
        contains: z.string().min(1).max(1024).optional(),
      })
      .optional(),
    min: z.number().optional().describe('The least value of the query that is good'),
    max: z.number().optional().describe('The greatest value of the query that is good'),
    intervalSeconds: z.number().int().min(1).max(3600).default(10),
    samples: z.number().int().min(1).max(1000).default(3).describe('How many measurements are made'),
    allowedFailures: z.number().int().min(0).max(1000).default(0),
  })
  .refine(
    ({ prometheus, http }) => (prometheus === undefined) !== (http === undefined),
    'exactly one of prometheus, http is needed',
  )
  .refine(
    ({ prometheus, min, max }) => prometheus === undefined || min !== undefined || max !== undefined,
    'a query needs min, max or both',
  )
  .meta({
    'x-kubernetes-validations': [
      { rule: 'has(self.prometheus) != has(self.http)', message: 'exactly one of prometheus, http is needed' },
      {
        rule: '!has(self.prometheus) || has(self.min) || has(self.max)',
        message: 'a query needs min, max or both',
      },
    ],
  })
export type AnalysisStep = z.infer<typeof AnalysisStep>

export const ApprovalStep = z.object({
  count: z.number().int().min(1).max(20).default(1).describe('How many different people'),
  users: z
    .array(dnsSubdomain())
    .max(100)
    .optional()
    .describe('Users by name; anybody with a right role when both are absent'),
  roles: z
    .array(dnsLabel())
    .max(20)
    .optional()
    .describe('Roles in the project whose holders may approve; admin and operator when neither is given'),
  allowAuthor: z.boolean().default(false).describe('true: who wrote the release may approve it'),
  expiresSeconds: z.number().int().min(60).max(31_536_000).default(604_800).describe('How long an approval counts'),
})
export type ApprovalStep = z.infer<typeof ApprovalStep>

export const WebhookStep = z.object({
  url,
  secretName: dnsSubdomain()
    .optional()
    .describe('Secret of the project with `token`: sent as bearer token, and used to sign the body'),
  status: z
    .array(z.number().int().min(100).max(599))
    .max(20)
    .optional()
    .describe('What counts as good; 2xx when absent. 202 asks to be asked again'),
})
export type WebhookStep = z.infer<typeof WebhookStep>

const kindsOfStep = {
  job: JobStep.optional(),
  test: TestStep.optional(),
  analysis: AnalysisStep.optional(),
  approval: ApprovalStep.optional(),
  wait: z.object({ seconds: z.number().int().min(1).max(2_592_000) }).optional(),
  webhook: WebhookStep.optional(),
}

export const Step = oneOf(kindsOfStep, {
  name: dnsLabel(40).describe('Shown wherever it runs; unique in its list'),
  on: z
    .array(z.enum(['Release', 'Rollback']))
    .min(1)
    .max(2)
    .default(['Release'])
    .describe('A rollback runs only steps that name it'),
  timeoutSeconds: z.number().int().min(1).max(2_592_000).default(1800),
})
export type Step = z.infer<typeof Step>
export type StepKind = keyof typeof kindsOfStep
export const stepKinds = Object.keys(kindsOfStep) as readonly StepKind[]
/** Which of its forms a step has. */
export const kindOfStep = (step: Step): StepKind => stepKinds.find((kind) => step[kind] !== undefined) ?? 'wait'
