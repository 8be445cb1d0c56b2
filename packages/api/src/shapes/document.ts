import { z } from 'zod'
import { KubeObjectShape, ObjectRefShape } from './wire.ts'

export const KindColumn = z.object({
  name: z.string(),
  type: z.enum(['string', 'integer', 'date', 'boolean']),
  jsonPath: z.string(),
})

export const KindView = z.object({
  kind: z.string(),
  plural: z.string(),
  singular: z.string(),
  shortNames: z.array(z.string()),
  scope: z.enum(['Cluster', 'Namespaced']),
  description: z.string(),
  columns: z.array(KindColumn),
})
export type KindView = z.infer<typeof KindView>

export const ApplyDocuments = z.object({
  documents: z
    .string()
    .min(1)
    .max(1024 * 1024)
    .describe('One or more YAML or JSON documents'),
  mode: z
    .enum(['apply', 'create', 'replace'])
    .default('apply')
    .describe(
      'apply: server-side apply. create: refused when it exists. replace: the whole object, for editors; with metadata.resourceVersion only that version',
    ),
  dryRun: z.boolean().default(false).describe('Everything is checked, nothing is kept'),
  force: z.boolean().default(false).describe('apply only: takes fields over from other field managers'),
  project: z.string().max(63).optional().describe('Where namespaced documents go that name no namespace'),
  resourceVersion: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe('replace of one document only: the version that was read, so that the text need not say it'),
})

export const ApplyOutcome = z.object({
  ref: ObjectRefShape,
  outcome: z.enum(['created', 'changed', 'unchanged', 'failed']),
  object: KubeObjectShape.optional(),
  error: z
    .object({
      code: z.string(),
      message: z.string(),
      remedy: z.string().optional(),
      field: z.string().optional(),
      value: z.string().optional(),
    })
    .optional(),
})
export const ApplyAnswer = z.object({
  items: z.array(ApplyOutcome),
  failed: z.number().int().describe('How many documents were refused; the others were written'),
})
export type ApplyAnswer = z.infer<typeof ApplyAnswer>
