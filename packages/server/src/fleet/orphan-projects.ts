import type { KubeClient } from '@flotilla/kube'
import {
  asFlotillaError,
  isRecord,
  type Known,
  known,
  type KubeObject,
  labels,
  systemNamespace,
  unknown,
} from '@flotilla/model'

/** `flotilla.dev/managed` of what remembers, in the host, what a removed Delivery left in a cluster. */
export const orphanLabel = 'orphan'

export const orphanSelector = (cluster: string): string =>
  `${labels.managed}=${orphanLabel},${labels.cluster}=${cluster}`

/** uids of projects of which removed Deliveries still have to be swept in a cluster: their rights there must stay. */
export async function readOrphanProjects(
  host: Pick<KubeClient, 'list'>,
  cluster: string,
  signal: AbortSignal,
): Promise<Known<ReadonlySet<string>>> {
  try {
    const { items } = await host.list(
      { group: '', version: 'v1', kind: 'ConfigMap' },
      { namespace: systemNamespace, labelSelector: orphanSelector(cluster), signal },
    )
    return known(new Set(items.map(projectOf).filter((uid) => uid !== undefined)))
  } catch (thrown) {
    signal.throwIfAborted()
    return unknown(asFlotillaError(thrown).message)
  }
}

function projectOf({ data }: KubeObject): string | undefined {
  const text = isRecord(data) ? data['delivery'] : undefined
  if (typeof text !== 'string') return undefined
  try {
    const delivery: unknown = JSON.parse(text)
    const spec = isRecord(delivery) ? delivery['spec'] : undefined
    const project = isRecord(spec) ? spec['project'] : undefined
    const uid = isRecord(project) ? project['uid'] : undefined
    return typeof uid === 'string' ? uid : undefined
  } catch {
    // whoever sweeps reports it
    return undefined
  }
}
