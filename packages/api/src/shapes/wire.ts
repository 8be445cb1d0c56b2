import type { KubeObject } from '@flotilla/model'
import { z } from 'zod'

/** A flag in a query: `true` or `false`. */
export const flag = () => z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')])

/** What is looked for by a query. No database has a NUL in a text. */
export const sought = (longest: number) =>
  z
    .string()
    .max(longest)
    .refine((text) => !text.includes('\0'), 'must be without NUL')

/** A value that a query may repeat: `cluster=east&cluster=west`. */
export const several = (longest = 63, most = 100) =>
  z.union([
    sought(longest)
      .min(1)
      .transform((one) => [one]),
    z.array(sought(longest).min(1)).max(most),
  ])

export const whole = (least: number, most: number) => z.coerce.number<number | string>().int().min(least).max(most)

export const Name = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'must be a name of a Kubernetes object')

/** One cluster that did not answer: what it would have said is missing from `items`. */
export const Failure = z.object({
  cluster: z.string(),
  reason: z.string(),
  since: z.string().optional().describe('RFC 3339; absent when it failed only now'),
})
export type Failure = z.infer<typeof Failure>

/** An answer gathered from several clusters: what came, and who did not answer. */
export const fanOut = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), failures: z.array(Failure) })

/** One page of a list that the server filtered and sorted. */
export const page = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    total: z.number().int().describe('Rows that match, on all pages'),
    continue: z.string().optional().describe('Ask again with it for the next page'),
  })

export const ObjectRefShape = z.object({
  group: z.string(),
  version: z.string(),
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
})
export type ObjectRefShape = z.infer<typeof ObjectRefShape>

const anyObject = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    uid: z.string().optional(),
    resourceVersion: z.string().optional(),
    generation: z.number().optional(),
    creationTimestamp: z.string().optional(),
    deletionTimestamp: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
})
/** Any Kubernetes object, as JSON. */
// the same shape; the model's type says absent where zod says undefined, and in JSON the two are one
export const KubeObjectShape = anyObject as unknown as z.ZodType<KubeObject, KubeObject>
export type KubeObjectShape = KubeObject

/** What becomes of delivered objects when what delivered them goes. */
export const ObjectsPolicy = z.enum(['keep', 'delete'])
export type ObjectsPolicy = z.infer<typeof ObjectsPolicy>
