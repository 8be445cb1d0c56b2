import type { Failure } from '@flotilla/api'
import type { Identity, KubeClient } from '@flotilla/kube'
import { asFlotillaError, type Delivery } from '@flotilla/model'
import { type HttpDeps, memberAs } from '../deps.ts'

export interface PartChoice {
  readonly cluster?: readonly string[] | undefined
  readonly namespace?: string | undefined
}

/** The deliveries that a question is about. */
export function chooseDeliveries(deliveries: readonly Delivery[], choice: PartChoice): Delivery[] {
  return deliveries.filter(
    ({ spec: { target } }) =>
      (choice.cluster === undefined || choice.cluster.includes(target.cluster)) &&
      (choice.namespace === undefined || choice.namespace === target.namespace),
  )
}

const perClusterMs = 10_000
const atOnce = 16

/** Asks each delivery's cluster as the person; one that is lost, or slow, or refuses, is a failure and holds up nobody. */
export async function askMembers<T>(options: {
  readonly deps: Pick<HttpDeps, 'fleet'>
  readonly deliveries: readonly Delivery[]
  readonly by: Identity
  readonly signal: AbortSignal
  readonly ask: (delivery: Delivery, client: KubeClient, signal: AbortSignal) => Promise<readonly T[]>
}): Promise<{ items: T[]; failures: Failure[] }> {
  const { deps, deliveries, by, signal, ask } = options
  const items: T[] = []
  const failures = new Map<string, Failure>()
  const one = async (delivery: Delivery): Promise<void> => {
    const { cluster } = delivery.spec.target
    const lost = lostReason(deps, cluster)
    if (lost !== undefined) {
      failures.set(cluster, lost)
      return
    }
    const client = memberAs(deps.fleet, cluster, by)
    if (!client.known) {
      failures.set(cluster, { cluster, reason: client.reason })
      return
    }
    try {
      items.push(...(await ask(delivery, client.value, AbortSignal.any([signal, AbortSignal.timeout(perClusterMs)]))))
    } catch (thrown) {
      signal.throwIfAborted()
      failures.set(cluster, { cluster, reason: asFlotillaError(thrown).message })
    }
  }
  for (let start = 0; start < deliveries.length; start += atOnce)
    await Promise.all(deliveries.slice(start, start + atOnce).map(one))
  return { items, failures: [...failures.values()] }
}

/** Why a cluster is not even asked. */
export function lostReason(deps: Pick<HttpDeps, 'fleet'>, cluster: string): Failure | undefined {
  const entry = deps.fleet.get(cluster)
  if (entry === undefined) return { cluster, reason: 'This cluster is not in the fleet any more' }
  if (entry.connection.state !== 'lost') return undefined
  return { cluster, reason: entry.connection.reason, since: entry.connection.since }
}
