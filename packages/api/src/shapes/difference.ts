import { Finding } from '@flotilla/model'
import { z } from 'zod'
import { Failure, ObjectRefShape } from './wire.ts'

/** One object that differs. Values of Secrets are never in it: they read `(secret)`, or `(secret, differs)`. */
export const ObjectChange = z.object({
  cluster: z.string(),
  namespace: z.string().describe('Namespace of the target'),
  component: z.string(),
  ref: ObjectRefShape,
  change: z.enum(['added', 'removed', 'changed']),
  diff: z.string().describe('Unified difference of the YAML'),
  paths: z.array(z.string()).describe('Fields that differ'),
  truncated: z.boolean().optional(),
})
export type ObjectChange = z.infer<typeof ObjectChange>

/** Live objects against what is wanted; added means that it is wanted and not there. */
export const DifferenceAnswer = z.object({
  items: z.array(ObjectChange),
  failures: z.array(Failure),
  unchanged: z.number().int(),
})
export type DifferenceAnswer = z.infer<typeof DifferenceAnswer>

export const PreviewRequest = z
  .object({
    document: z
      .string()
      .min(1)
      .max(1024 * 1024)
      .describe('An Application as YAML or JSON, new or edited'),
    cluster: z.string().max(63).optional().describe('Only this cluster'),
    against: z
      .enum(['wanted', 'live'])
      .default('wanted')
      .describe('wanted: what is delivered now. live: a dry-run in each cluster'),
  })
  .describe('Nothing is written')

export const PreviewAnswer = z.object({
  items: z.array(ObjectChange),
  failures: z.array(Failure),
  findings: z.array(Finding),
  targets: z.array(
    z.object({
      cluster: z.string(),
      namespace: z.string(),
      change: z.enum(['added', 'removed', 'changed', 'unchanged']),
    }),
  ),
  unchanged: z.number().int(),
})
export type PreviewAnswer = z.infer<typeof PreviewAnswer>

export const ExplainLayer = z.object({
  layer: z.enum(['chart', 'valuesFrom', 'values', 'override', 'images', 'patch', 'standby']),
  name: z.string().describe('For a person: chart defaults, Secret x/y, application, or the override by name'),
  value: z.unknown().optional().describe('What this layer says; absent when it says nothing. Secrets read (secret)'),
  says: z.boolean().describe('Whether the layer says anything about the path'),
  wins: z.boolean(),
})
export const ExplainAnswer = z.object({
  component: z.string(),
  cluster: z.string(),
  namespace: z.string(),
  path: z.string(),
  value: z.unknown().optional(),
  set: z.boolean().describe('False when no layer says anything about the path'),
  layers: z.array(ExplainLayer).describe('Weakest first'),
})
export type ExplainAnswer = z.infer<typeof ExplainAnswer>
