import type { Failure } from '@flotilla/api'
import type { Identity } from '@flotilla/kube'
import { FlotillaError, group as flotillaGroup } from '@flotilla/model'
import { asEverybodyReads } from '@flotilla/model/yaml'
import { stringify } from 'yaml'
import { memberAs } from '../deps.ts'
import { createSessionGuard } from '../session-guard.ts'
import type { Services, SomeHandlers } from '../handler.ts'
import { followLogs, type LogPlace } from '../logs/follow-logs.ts'
import { askMembers, chooseDeliveries, lostReason } from '../runtime/fan-out.ts'
import { findEvents } from '../runtime/find-events.ts'
import { type FoundPod, findPods } from '../runtime/find-pods.ts'
import { logPlaces } from '../runtime/log-places.ts'
import { redactObject } from '../runtime/redact-object.ts'
import { compareText } from '../page-of.ts'
import { projectNamespace } from '@flotilla/model'
import { notFound } from './fleet-handlers.ts'

export type RuntimeRoute =
  | 'applications.objects'
  | 'applications.manifest'
  | 'applications.pods'
  | 'applications.events'
  | 'applications.logs'

export function applicationRuntimeHandlers(services: Services): Pick<SomeHandlers<'applications'>, RuntimeRoute> {
  const { deps, index } = services
  const deliveriesOf = (
    named: { readonly project: string; readonly application: string },
    choice: Parameters<typeof chooseDeliveries>[1],
  ) => {
    const parts = index.parts(named.project, named.application)
    if (parts === undefined) throw notFound('application', named.application)
    return chooseDeliveries(parts.deliveries, choice)
  }

  return {
    'applications.objects': async ({ params, query }) => {
      const failures: Failure[] = []
      const items = deliveriesOf(params, query).flatMap((delivery) => {
        const { cluster, namespace } = delivery.spec.target
        const seen = deps.live.objects(cluster, delivery.metadata.uid ?? '')
        if (!seen.known) {
          failures.push(lostReason(deps, cluster) ?? { cluster, reason: seen.reason })
          return []
        }
        return seen.value
          .filter((object) => query.component === undefined || query.component.includes(object.component))
          .map(({ ref, uid, health, images, ready, wanted, scaledByOther, component }) => ({
            cluster,
            namespace,
            component,
            ref: { ...ref },
            uid,
            health: health.state,
            message: health.message,
            images: [...images],
            ready,
            wanted,
            scaledByOther,
          }))
      })
      return { items, failures }
    },
    'applications.manifest': async ({ params, query, caller, exchange }) => {
      const { cluster, namespace, kind, name, version } = query
      const deliveries = deliveriesOf(params, { cluster: [cluster] })
      if (deliveries.length === 0) throw notFound('target', cluster)
      const client = memberAs(deps.fleet, cluster, caller.identity)
      if (!client.known) throw new FlotillaError('cluster.unreachable', { message: client.reason })
      const object = await client.value.get(
        { group: query.group, kind, version, namespace, name },
        { signal: exchange.signal },
      )
      // only what this application put there: the page of one is not a way around to another
      const owner = object.metadata.labels?.[`${flotillaGroup}/delivery`]
      if (!deliveries.some((delivery) => delivery.metadata.uid === owner)) throw notFound('object', name)
      return { yaml: stringify(redactObject(object), asEverybodyReads) }
    },
    'applications.pods': async ({ params, query, caller, exchange }) => {
      const { items, failures } = await podsOf(params, query, caller.identity, exchange.signal)
      return { items: items.map(({ uid: _uid, ...row }) => row), failures }
    },
    'applications.events': async ({ params, query, caller, exchange }) => {
      const { items, failures } = await askMembers({
        deps,
        deliveries: deliveriesOf(params, query),
        by: caller.identity,
        signal: exchange.signal,
        ask: (delivery, client, signal) =>
          findEvents({ delivery, client, live: deps.live, components: query.component, signal }),
      })
      items.sort((a, b) => compareText(b.lastAt ?? '', a.lastAt ?? ''))
      return { items: items.slice(0, query.limit), failures }
    },
    'applications.logs': ({ params, query, caller, exchange }) =>
      followLogs({
        follow: query.follow,
        previous: query.previous,
        tail: query.tail,
        sinceSeconds: query.sinceSeconds,
        clock: deps.clock,
        signal: exchange.signal,
        over: createSessionGuard(services, caller),
        find: async (signal) => {
          // asked anew each time, so that a session that ended, or a right that went, ends the stream
          const open = await services.sessions.stillOpen(caller.tokenHash)
          if (open === undefined) return { places: [], failures: [], over: 'The session is over' }
          const by = open.person.identity
          const namespace = projectNamespace(params.project)
          if (!(await services.visibility.may(by, 'get', 'applications', namespace, params.application)))
            return { places: [], failures: [], over: 'You may not read this application any more' }
          const { items, failures } = await podsOf(params, query, by, signal)
          return { places: placesOf(items, query, by), failures }
        },
      }),
  }

  async function podsOf(
    named: { readonly project: string; readonly application: string },
    query: {
      readonly cluster?: string[] | undefined
      readonly namespace?: string | undefined
      readonly component?: string[] | undefined
    },
    by: Identity,
    signal: AbortSignal,
  ) {
    const found = await askMembers({
      deps,
      deliveries: deliveriesOf(named, query),
      by,
      signal,
      ask: (delivery, client, until) =>
        findPods({ delivery, client, live: deps.live, components: query.component, signal: until }),
    })
    found.items.sort((a, b) => compareText(podOrder(a), podOrder(b)))
    return found
  }

  function placesOf(
    pods: readonly FoundPod[],
    query: { readonly pod?: string[] | undefined; readonly container?: string | undefined },
    by: Identity,
  ): LogPlace[] {
    return pods
      .filter((pod) => query.pod === undefined || query.pod.includes(pod.name))
      .flatMap((pod) => {
        const client = memberAs(deps.fleet, pod.cluster, by)
        return client.known ? logPlaces(pod, query.container, client.value) : []
      })
  }
}

const podOrder = (pod: FoundPod): string => `${pod.component}/${pod.cluster}/${pod.name}`
