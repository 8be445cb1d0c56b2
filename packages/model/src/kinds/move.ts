import { z } from 'zod'
import { dnsLabel } from '../names.ts'
import { TargetChoice } from '../selectors.ts'
import { Placement } from './application.ts'
import { baseStatus, cel, defineKind, objectSchema } from './define-kind.ts'
import { Author } from './release.ts'
import { TargetRef } from './rollout.ts'

const place = z
  .object({
    clusters: z.array(dnsLabel()).min(1).max(100).optional().describe('Clusters by name'),
    namespace: dnsLabel().optional(),
  })
  .meta(cel({ rule: 'has(self.clusters) || has(self.namespace)', message: 'clusters or namespace is needed' }))

const asked = z.object({ by: Author, at: z.string().max(64), reason: z.string().min(1).max(1024).optional() })

const askedOnce = (field: string) => ({
  rule: `!has(oldSelf.${field}) || (has(self.${field}) && self.${field} == oldSelf.${field})`,
  message: `${field} is said once, and never taken back`,
})

export const MoveControl = z
  .object({
    confirmedTraffic: asked.optional().describe('Requests go to the new place; the old one may be taken away'),
    undo: asked.optional().describe('Back to the old place, from wherever it is'),
    abort: asked.optional().describe('Leave everything as it stands, and let go of the application'),
  })
  .meta(cel(...['confirmedTraffic', 'undo', 'abort'].map(askedOnce)))
  .describe('What people ask of it')
export type MoveControl = z.infer<typeof MoveControl>

export const MoveSpec = z
  .object({
    application: dnsLabel(40),
    from: place.describe('The targets of the application that it leaves'),
    to: place.describe('Where it goes: the same number of clusters, or the same clusters where none are named'),
    author: Author,
    control: MoveControl.default({}),
  })
  .meta(
    cel({
      rule: 'self.application == oldSelf.application && self.from == oldSelf.from && self.to == oldSelf.to && self.author == oldSelf.author',
      message: 'a Move is what it was started as; only spec.control changes',
    }),
  )
export type MoveSpec = z.infer<typeof MoveSpec>

export const MovePhase = z.enum([
  'Pending',
  'Preparing',
  'SuspendingSource',
  'Draining',
  'StartingTarget',
  'AwaitingTraffic',
  'RemovingSource',
  'Succeeded',
  'UndoRestoringSource',
  'UndoStoppingTarget',
  'UndoStartingSource',
  'UndoRemovingTarget',
  'Undone',
  'Refused',
  'Aborted',
])
export type MovePhase = z.infer<typeof MovePhase>
/** Phases in which a move has ended, and has nothing in hand. */
export const endedMovePhases: readonly MovePhase[] = ['Succeeded', 'Undone', 'Refused', 'Aborted']

const gap = z.object({
  from: z.string().describe('Nothing acted any more in the place that was left'),
  until: z.string().optional().describe('What acts was seen running in the other place'),
  seconds: z.number().optional(),
})

export const MoveStatus = z.object({
  ...baseStatus,
  phase: MovePhase.optional(),
  since: z.string().optional().describe('Since when it is in this phase'),
  waitingFor: z.string().max(1024).optional(),
  waitingSince: z.string().optional(),
  message: z.string().max(4096).optional(),
  pairs: z
    .array(z.object({ from: TargetRef, to: TargetRef }))
    .max(100)
    .optional()
    .describe('What goes where, as it was when the move began'),
  before: z
    .object({ placement: Placement, standby: z.array(TargetChoice).max(100) })
    .optional()
    .describe('What the application said, and an undo puts back'),
  during: Placement.optional().describe('Its placement in both'),
  after: Placement.optional().describe('Its placement when it has moved'),
  steps: z
    .array(z.object({ phase: MovePhase, at: z.string() }))
    .max(40)
    .optional(),
  quietSince: z.string().optional().describe('Since when nothing acts in the place that is left, as far as was seen'),
  gap: gap.optional().describe('How long nothing acted anywhere'),
  undoGap: gap.optional().describe('The same on the way back'),
  endedAt: z.string().optional(),
})
export type MoveStatus = z.infer<typeof MoveStatus>

export const MoveKind = defineKind({
  kind: 'Move',
  plural: 'moves',
  singular: 'move',
  shortNames: ['fmv'],
  scope: 'Namespaced',
  description:
    'Takes an application from some of its targets to others, so that its CronJobs and consumers run in one of both at most.',
  spec: MoveSpec,
  status: MoveStatus,
  printerColumns: [
    { name: 'Application', type: 'string', jsonPath: '.spec.application' },
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
export const Move = objectSchema(MoveKind)
export type Move = z.infer<typeof Move>
