import { MovePhase, MoveStatus, TargetRef } from '@flotilla/model'
import { z } from 'zod'

const name = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'must be a DNS label')

const place = z
  .object({ clusters: z.array(name).min(1).max(100).optional(), namespace: name.optional() })
  .refine(
    ({ clusters, namespace }) => clusters !== undefined || namespace !== undefined,
    'clusters or namespace is needed',
  )

export const MoveRequest = z.object({
  from: place,
  to: place,
  confirmTraffic: z
    .boolean()
    .default(false)
    .describe('Wait for nobody before the old place is taken away: no requests go there'),
})
export type MoveRequest = z.infer<typeof MoveRequest>

const asked = z.object({ by: z.string().describe('Name of the person'), at: z.string(), reason: z.string().optional() })

export const MoveRow = z.object({
  project: z.string(),
  name: z.string(),
  application: z.string(),
  author: z.string().describe('Name of the person'),
  createdAt: z.string(),
  phase: MovePhase,
  ended: z.boolean(),
  since: z.string().optional(),
  waitingFor: z.string().optional(),
  waitingSince: z.string().optional(),
  message: z.string().optional(),
  pairs: z.array(z.object({ from: TargetRef, to: TargetRef })),
  steps: z.array(z.object({ phase: MovePhase, at: z.string() })),
  gap: MoveStatus.shape.gap,
  undoGap: MoveStatus.shape.undoGap,
  confirmedTraffic: asked.optional(),
  undo: asked.optional(),
  abort: asked.optional(),
  endedAt: z.string().optional(),
})
export type MoveRow = z.infer<typeof MoveRow>
