import type { EventRow } from '@flotilla/api'
import type { KubeClient } from '@flotilla/kube'
import type { Delivery } from '@flotilla/model'
import { z } from 'zod'
import type { LiveState } from '../../delivery/live-state.ts'

const Event = z.looseObject({
  type: z.string().default('Normal'),
  reason: z.string().default(''),
  message: z.string().default(''),
  involvedObject: z.looseObject({
    kind: z.string().default(''),
    name: z.string().default(''),
    uid: z.string().optional(),
  }),
  count: z.number().nullish(),
  series: z.looseObject({ count: z.number().optional(), lastObservedTime: z.string().nullish() }).nullish(),
  firstTimestamp: z.string().nullish(),
  lastTimestamp: z.string().nullish(),
  eventTime: z.string().nullish(),
})

const mostEvents = 5000

/** Events of a target's delivered objects and of what they own: told by the names that Kubernetes derives from theirs. */
export async function findEvents(options: {
  readonly delivery: Delivery
  readonly client: KubeClient
  readonly live: Pick<LiveState, 'objects'>
  readonly components?: readonly string[] | undefined
  readonly signal: AbortSignal
}): Promise<EventRow[]> {
  const { delivery, client, live, components, signal } = options
  const { cluster, namespace } = delivery.spec.target
  const objects = live.objects(cluster, delivery.metadata.uid ?? '')
  if (!objects.known) throw new Error(objects.reason)
  const { items } = await client.list<unknown>(
    { group: '', kind: 'Event' },
    { namespace, maxItems: mostEvents, signal, project: (object) => object },
  )
  const rows: EventRow[] = []
  for (const item of items) {
    const parsed = Event.safeParse(item)
    if (!parsed.success) continue
    const event = parsed.data
    const owner = objects.value.find(
      ({ uid, ref }) =>
        uid === event.involvedObject.uid ||
        (ref.kind === event.involvedObject.kind && ref.name === event.involvedObject.name) ||
        (ownsPods.has(ref.kind) &&
          ownedKinds.has(event.involvedObject.kind) &&
          event.involvedObject.name.startsWith(`${ref.name}-`)),
    )
    if (owner === undefined || (components !== undefined && !components.includes(owner.component))) continue
    rows.push({
      cluster,
      namespace,
      type: event.type,
      reason: event.reason,
      message: event.message.slice(0, 4096),
      object: { kind: event.involvedObject.kind, name: event.involvedObject.name },
      component: owner.component,
      count: event.series?.count ?? event.count ?? 1,
      firstAt: event.firstTimestamp ?? event.eventTime ?? undefined,
      lastAt:
        event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.firstTimestamp ?? undefined,
    })
  }
  return rows
}

const ownsPods = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'ReplicaSet'])
const ownedKinds = new Set(['Pod', 'ReplicaSet', 'Job'])
