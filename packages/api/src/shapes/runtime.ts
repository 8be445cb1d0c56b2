import { ChartSource, HealthState } from '@flotilla/model'
import { z } from 'zod'
import { flag, ObjectRefShape, several, whole } from './wire.ts'

export const ObjectRow = z.object({
  cluster: z.string(),
  namespace: z.string().describe('Namespace of the target'),
  component: z.string(),
  ref: ObjectRefShape,
  uid: z.string().optional(),
  health: HealthState,
  message: z.string(),
  images: z.array(z.string()),
  ready: z.number().int().optional(),
  wanted: z.number().int().optional(),
  scaledByOther: z.boolean(),
})
export type ObjectRow = z.infer<typeof ObjectRow>

export const PodRow = z.object({
  cluster: z.string(),
  namespace: z.string(),
  component: z.string().optional(),
  name: z.string(),
  phase: z.string(),
  reason: z.string().optional().describe('Why it is not ready: CrashLoopBackOff, ImagePullBackOff ...'),
  ready: z.number().int(),
  containers: z.array(
    z.object({
      name: z.string(),
      image: z.string(),
      ready: z.boolean(),
      restarts: z.number().int(),
      state: z.string(),
      lastExit: z.object({ code: z.number().int(), reason: z.string(), at: z.string().optional() }).optional(),
    }),
  ),
  restarts: z.number().int(),
  node: z.string().optional(),
  createdAt: z.string().optional(),
})
export type PodRow = z.infer<typeof PodRow>

export const EventRow = z.object({
  cluster: z.string(),
  namespace: z.string(),
  type: z.string().describe('Normal or Warning'),
  reason: z.string(),
  message: z.string(),
  object: z.object({ kind: z.string(), name: z.string() }),
  component: z.string().optional(),
  count: z.number().int(),
  firstAt: z.string().optional(),
  lastAt: z.string().optional(),
})
export type EventRow = z.infer<typeof EventRow>

/** Which part of an application is meant; all of it when nothing is given. */
export const PartQuery = z.object({
  cluster: several().optional(),
  namespace: z.string().max(63).optional(),
  component: several(40).optional(),
})

export const LogQuery = PartQuery.extend({
  pod: several(253).optional(),
  container: z.string().max(63).optional(),
  follow: flag().default(false),
  previous: flag().default(false).describe('Of the container before its last restart'),
  tail: whole(0, 10_000).default(200).describe('Lines per container to begin with'),
  sinceSeconds: whole(1, 31_536_000).optional(),
})

const from = { cluster: z.string(), namespace: z.string(), pod: z.string(), container: z.string() }

/** One line of an answer of logs. The last one is always `end`: without it the answer was cut. */
export const LogItem = z.discriminatedUnion('type', [
  z.object({ type: z.literal('opened'), ...from, component: z.string().optional() }),
  z.object({
    type: z.literal('line'),
    ...from,
    at: z.string().optional(),
    text: z.string(),
    cut: z.number().int().optional().describe('Bytes left out of a line that is too long'),
  }),
  z.object({ type: z.literal('dropped'), ...from, lines: z.number().int(), reason: z.string() }),
  z.object({ type: z.literal('closed'), ...from, reason: z.string() }),
  z.object({ type: z.literal('failed'), cluster: z.string(), reason: z.string() }),
  z.object({ type: z.literal('heartbeat'), at: z.string() }),
  z.object({ type: z.literal('end'), reason: z.string(), lines: z.number().int() }),
])
export type LogItem = z.infer<typeof LogItem>

export const AdoptRequest = z.object({
  application: z
    .string()
    .max(40)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'must be a DNS label of at most 40 characters'),
  component: z
    .string()
    .max(40)
    .optional()
    .describe("Name of the component; the release's or application's when absent"),
  cluster: z.string().min(1).max(63),
  namespace: z.string().max(63).optional().describe("The project's namespace in that cluster when absent"),
  helmRelease: z.string().max(53).optional().describe('Take over this Helm release'),
  chart: ChartSource.optional().describe(
    'Where the chart of the release comes from; needed when it has subcharts, which Helm does not keep in a release',
  ),
  objects: z
    .array(z.object({ group: z.string().max(253), kind: z.string().max(63), name: z.string().max(253) }))
    .max(200)
    .optional()
    .describe('Take over these plain objects'),
  dryRun: z.boolean().default(false),
})

export const AdoptAnswer = z.object({
  application: z.string(),
  component: z.string(),
  cluster: z.string(),
  objects: z.array(ObjectRefShape),
  document: z.string().describe('The Application that stands for what was taken over, as YAML'),
  written: z.boolean(),
  notes: z.array(z.string()),
})
export type AdoptAnswer = z.infer<typeof AdoptAnswer>
