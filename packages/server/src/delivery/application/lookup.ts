import { asFlotillaError, FlotillaError, parseApiVersion } from '@flotilla/model'
import type { LookupFunction, LookupQuery } from '@flotilla/render'
import type { FleetConnections } from '../../fleet/connections.ts'

const mostItems = 1_000

/** A chart's `lookup`, answered from the target's cluster with the rights of the project's delivery group. */
export function createLookup(
  fleet: Pick<FleetConnections, 'deliveryClient'>,
  cluster: string,
  projectUid: string,
): { lookup: LookupFunction; used: () => boolean } {
  let used = false
  return {
    used: () => used,
    lookup: async (query, signal) => {
      used = true
      const client = fleet.deliveryClient(cluster, projectUid)
      if (!client.known) throw new FlotillaError('cluster.unreachable', { message: client.reason })
      const { group, version } = parseApiVersion(query.apiVersion)
      const kind = { group, version, kind: query.kind }
      try {
        if (query.name !== '') {
          const key =
            query.namespace === ''
              ? { ...kind, name: query.name }
              : { ...kind, namespace: query.namespace, name: query.name }
          return (await client.value.find(key, { signal })) ?? null
        }
        const options = {
          signal,
          maxItems: mostItems,
          ...(query.namespace === '' ? {} : { namespace: query.namespace }),
        }
        const { items } = await client.value.list(kind, options)
        // as the API server would answer: Helm's templates range over `.items`
        return { apiVersion: query.apiVersion, kind: `${query.kind}List`, metadata: {}, items: items as never }
      } catch (thrown) {
        const error = asFlotillaError(thrown)
        // a kind that the cluster does not have has no objects
        if (error.code === 'kube.kind_not_served') return null
        throw new FlotillaError(error.code, {
          message: `The chart looks up ${describe(query)}: ${error.message}`,
          remedy: error.remedy,
          cause: thrown,
        })
      }
    },
  }
}

const describe = ({ kind, namespace, name }: LookupQuery): string =>
  `${kind}${name === '' ? 's' : ` ${name}`}${namespace === '' ? '' : ` in ${namespace}`}`
