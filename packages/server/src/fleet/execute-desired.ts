import { executeObjects } from '@flotilla/engine'
import { known, type Known, type KubeObject, refText, unknown } from '@flotilla/model'
import type { KubeClient } from '@flotilla/kube'
import { type DesiredObject, hostCluster } from '@flotilla/reconcile'
import type { FleetDeps } from './controller-deps.ts'

/** The client of a member, or of the host. */
export function clientOf({ fleet, host }: Pick<FleetDeps, 'fleet' | 'host'>, cluster: string): Known<KubeClient> {
  return cluster === hostCluster ? known(host) : fleet.client(cluster)
}

/**
 * Applies what a decision wants, cluster by cluster side by side. Returns what could not be written, in words; unknown
 * objects write nothing.
 * @param as whom to write as in a cluster; the platform when left out
 */
export async function executeDesired(...question: Parameters<typeof writeDesired>): Promise<string[]> {
  const failures = await writeDesired(...question)
  return failures.map(({ cluster, reason }) => `${cluster === hostCluster ? 'host' : cluster}: ${reason}`)
}

export interface Unwritten {
  readonly cluster: string
  readonly reason: string
  /** What its API server said no to; otherwise it could not be asked. */
  readonly refused: boolean
}

/** The same, with the cluster beside what it said. */
export async function writeDesired(
  deps: Pick<FleetDeps, 'fleet' | 'host' | 'members' | 'hostMemory' | 'hostSight'>,
  objects: Known<readonly DesiredObject[]>,
  signal: AbortSignal,
  as: (cluster: string) => Known<KubeClient> = (cluster) => clientOf(deps, cluster),
): Promise<Unwritten[]> {
  if (!objects.known) return []
  const byCluster = Map.groupBy(objects.value, ({ cluster }) => cluster)
  const failures = await Promise.all(
    Array.from(byCluster, async ([cluster, wanted]) => {
      const client = as(cluster)
      const bench = benchOf(deps, cluster)
      if (!client.known || !bench.known)
        return [{ cluster, reason: client.known ? (bench.known ? '' : bench.reason) : client.reason, refused: false }]
      const outcome = await executeObjects({
        client: client.value,
        objects: wanted.map(({ object }): KubeObject => object),
        ...bench.value,
        signal,
      })
      return outcome.failures.map(({ ref, error }) => ({
        cluster,
        reason: `${refText(ref)}: ${error.message}`,
        refused: error.code === 'kube.forbidden' || error.code === 'kube.invalid',
      }))
    }),
  )
  return failures.flat()
}

function benchOf(
  { members, hostMemory, hostSight }: Pick<FleetDeps, 'members' | 'hostMemory' | 'hostSight'>,
  cluster: string,
) {
  if (cluster === hostCluster) return known({ memory: hostMemory, live: hostSight.live })
  const bench = members.workbench(cluster)
  return bench === undefined ? unknown(`${cluster} has not been reached yet`) : known(bench)
}
