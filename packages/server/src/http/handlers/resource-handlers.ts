import type { KubeClient } from '@flotilla/kube'
import { FlotillaError } from '@flotilla/model'
import { asEverybodyReads } from '@flotilla/model/yaml'
import { stringify } from 'yaml'
import type { Person } from '../../access/people.ts'
import { indexedKinds } from '../../fleet/index/indexed-kinds.ts'
import { compileFilter } from '../../fleet/index/row-filter.ts'
import { orderingOf, readMark, writeMark } from '../../fleet/index/row-order.ts'
import { selectRows } from '../../fleet/index/select-rows.ts'
import { memberAs } from '../deps.ts'
import { createSessionGuard } from '../session-guard.ts'
import type { Services, SomeHandlers } from '../handler.ts'
import { computeReach } from '../kubernetes/reach.ts'
import { followLogs } from '../logs/follow-logs.ts'
import { failureOf, reachRows } from '../resources/reach-rows.ts'
import { resourceRow } from '../resources/resource-row.ts'
import { redactObject } from '../runtime/redact-object.ts'
import { logPlaces } from '../runtime/log-places.ts'
import { podRow } from '../runtime/pod-row.ts'
import { notFound } from './fleet-handlers.ts'

/** How long the first one who asks waits for clusters that answer; the others are told of as failures. */
const firstReadMs = 2000

/** Lists of the index over all clusters, and what there is to one object. */
export function resourceHandlers(services: Services): SomeHandlers<'resources'> {
  return {
    'resources.list': async ({ params, query, caller, exchange }) => {
      const { kind } = params
      const { sort = kind === 'events' ? '-last' : 'name', limit, continue: token, ...filter } = query
      const ordering = orderingOf(sort)
      const after = token === undefined ? undefined : readMark(token)
      const compiled = compileFilter(filter)
      const reach = () => reachRows(services, caller.person, kind, filter, 'list')
      let reached = reach()
      await services.resources.settle(
        reached.map(({ asked }) => asked),
        firstReadMs,
        exchange.signal,
      )
      // what was read meanwhile is another map of rows where the connection was made anew
      reached = reach()
      const parts = reached.flatMap(({ asked, wanted }) => {
        const places = wanted()
        return places === undefined ? [] : [{ cluster: asked.cluster, rows: asked.rows, places }]
      })
      const { items, total, facets, next } = await selectRows(parts, {
        filter: compiled,
        ordering,
        after,
        limit,
        signal: exchange.signal,
      })
      return {
        items: items.map(({ cluster, row }) => resourceRow(cluster, row)),
        failures: reached.flatMap((one) => failureOf(services, one) ?? []),
        total,
        facets,
        ...(next === undefined ? {} : { continue: writeMark(next) }),
      }
    },
    'resources.manifest': async ({ params, query, caller, exchange }) => {
      const { group, version, kind } = indexedKinds[params.kind]
      const key = { group, version, kind, namespace: query.namespace, name: params.name }
      const object = await clientOf(caller.person, params.cluster).get(key, { signal: exchange.signal })
      return { yaml: stringify(redactObject(object), asEverybodyReads) }
    },
    'resources.logs': ({ params, query, caller, exchange }) => {
      const { cluster, name } = params
      const { namespace, container, follow, previous, tail, sinceSeconds } = query
      return followLogs({
        follow,
        previous,
        tail,
        sinceSeconds,
        clock: services.deps.clock,
        signal: exchange.signal,
        over: createSessionGuard(services, caller),
        find: async (signal) => {
          // asked anew each time, so that a session that ended, or a right that went, ends the stream
          const open = await services.sessions.stillOpen(caller.tokenHash)
          if (open === undefined) return { places: [], failures: [], over: 'The session is over' }
          const client = clientOf(open.person, cluster)
          const pod = await client.get({ group: '', version: 'v1', kind: 'Pod', namespace, name }, { signal })
          const found = { ...podRow(pod, cluster, namespace), uid: pod.metadata.uid ?? '', component: '' }
          return { places: logPlaces(found, container, client), failures: [] }
        },
      })
    },
  }

  /** The cluster as the person, with no group but those that are bound there. */
  function clientOf(person: Person, cluster: string): KubeClient {
    const reach = computeReach(person, cluster, services.deps.state)
    if (reach === undefined) throw notFound('cluster', cluster)
    const client = memberAs(services.deps.fleet, cluster, reach.identity)
    if (!client.known) throw new FlotillaError('cluster.unreachable', { message: client.reason })
    return client.value
  }
}
