import { HealthState } from '@flotilla/model'
import { z } from 'zod'
import { several, sought, whole } from './wire.ts'

/** What ran somewhere, from when until when. */
export const RunRow = z.object({
  project: z.string(),
  workspace: z.string().optional(),
  application: z.string(),
  cluster: z.string(),
  namespace: z.string(),
  environment: z.string().optional(),
  component: z.string(),
  version: z.string().optional(),
  digest: z.string(),
  images: z.array(z.string()),
  release: z.string().optional(),
  rollout: z.string().optional(),
  author: z.string().optional(),
  approvedBy: z.array(z.string()),
  from: z.string(),
  until: z.string().optional().describe('Absent: it runs now'),
})
export type RunRow = z.infer<typeof RunRow>

export const HistoryQuery = z.object({
  project: several().optional(),
  application: sought(40).optional(),
  cluster: sought(63).optional(),
  component: sought(40).optional(),
  image: sought(512).optional().describe('Repository, or repository with tag or digest'),
  release: sought(63).optional(),
  at: z.iso.datetime({ offset: true }).optional().describe('What ran at this moment'),
  running: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
  limit: whole(1, 500).default(100),
  continue: z.string().max(512).optional(),
})
export const HistoryAnswer = z.object({ items: z.array(RunRow), continue: z.string().optional() })

export const WhereRow = z.object({
  project: z.string(),
  application: z.string(),
  component: z.string(),
  cluster: z.string(),
  namespace: z.string(),
  environment: z.string().optional(),
  image: z.string(),
  version: z.string().optional(),
  release: z.string().optional(),
  health: HealthState,
  unknownSince: z.string().optional().describe('Since when it cannot be seen: it ran there then'),
  since: z.string().optional(),
})
export type WhereRow = z.infer<typeof WhereRow>
export const WhereAnswer = z.object({ items: z.array(WhereRow), total: z.number().int(), truncated: z.boolean() })
