import { z } from 'zod'
import { ApplicationDetail, ApplicationRow } from './application.ts'
import { readResourceTopic } from '../resource-topic.ts'
import { ClusterRow } from './cluster.ts'
import { MoveRow } from './move.ts'
import { ResourceFilter, ResourceRow } from './resource.ts'
import { ReleaseRow } from './release.ts'
import { RolloutDetail, RolloutRow } from './rollout.ts'
import { ProjectRow, WorkspaceRow } from './tenant.ts'

/**
 * `clusters`, `applications`, `projects`, `workspaces`, `releases`, `rollouts`, `moves`, one application: `application:<project>/<name>`,
 * one rollout: `rollout:<project>/<name>`, or rows of the
 * clusters' objects: `resources:<kind>`, with a filter as `resourceTopic` writes it.
 */
export const Topic = z
  .string()
  .refine(
    (topic) =>
      /^(clusters|applications|projects|workspaces|releases|rollouts|moves|(application|rollout):[a-z0-9][-a-z0-9]*\/[a-z0-9][-a-z0-9]*)$/.test(
        topic,
      ) || ResourceFilter.safeParse(readResourceTopic(topic)?.filter).success,
    'is no topic',
  )

export const StreamQuery = z.object({
  topics: z
    .string()
    .max(4096)
    .transform((text) => [...new Set(text.split(','))])
    .pipe(z.array(Topic).min(1).max(50)),
  lastEventId: z.string().max(64).optional().describe('As the Last-Event-ID header, where that cannot be set'),
})

/** What changed, whole: put it in the place of what was there. Several changes of one thing may come as one. */
export const Change = z.discriminatedUnion('topic', [
  z.object({ topic: z.literal('clusters'), key: z.string().describe('name'), row: ClusterRow.nullable() }),
  z.object({
    topic: z.literal('applications'),
    key: z.string().describe('project/name'),
    row: ApplicationRow.nullable(),
  }),
  z.object({ topic: z.literal('projects'), key: z.string().describe('name'), row: ProjectRow.nullable() }),
  z.object({ topic: z.literal('workspaces'), key: z.string().describe('name'), row: WorkspaceRow.nullable() }),
  z.object({
    topic: z.literal('application'),
    key: z.string().describe('project/name'),
    row: ApplicationDetail.nullable(),
  }),
  z.object({ topic: z.literal('releases'), key: z.string().describe('project/name'), row: ReleaseRow.nullable() }),
  z.object({ topic: z.literal('rollouts'), key: z.string().describe('project/name'), row: RolloutRow.nullable() }),
  z.object({ topic: z.literal('rollout'), key: z.string().describe('project/name'), row: RolloutDetail.nullable() }),
  z.object({ topic: z.literal('moves'), key: z.string().describe('project/name'), row: MoveRow.nullable() }),
])
export type Change = z.infer<typeof Change>

/**
 * Server-sent events by name. The first is `hello`: where it says `resumed: false`, read the lists again now, and from
 * then on every change comes. `row: null` means that it is gone.
 */
export const StreamEvent = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('hello'),
    id: z.string(),
    data: z.object({ heartbeatSeconds: z.number(), resumed: z.boolean() }),
  }),
  z.object({ event: z.literal('change'), id: z.string(), data: Change }),
  z.object({
    event: z.literal('rows'),
    data: z.object({
      topic: z.string(),
      items: z.array(
        z.object({
          key: z.string().describe('cluster/namespace/name, or cluster/name'),
          row: ResourceRow.nullable().describe('null: it is gone, or the filter does not let it pass any more'),
          was: z.boolean().describe('Whether it was among the rows before'),
        }),
      ),
    }),
  }),
  z.object({
    event: z.literal('relist'),
    data: z.object({ topic: z.string(), reason: z.string() }).describe('Read the list of this topic again'),
  }),
  z.object({ event: z.literal('heartbeat'), data: z.object({ at: z.string() }) }),
  z.object({
    event: z.literal('reset'),
    data: z.object({ reason: z.string() }).describe('What was missed is not kept any more: read the lists again'),
  }),
  z.object({
    event: z.literal('end'),
    data: z.object({
      code: z.enum(['slow', 'signed-out', 'shutdown']),
      reason: z.string(),
    }),
  }),
])
export type StreamEvent = z.infer<typeof StreamEvent>
