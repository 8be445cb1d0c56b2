import type { PodRow } from '@flotilla/api'
import type { KubeClient } from '@flotilla/kube'
import type { Delivery } from '@flotilla/model'
import type { LiveState } from '../../delivery/live-state.ts'
import { podRow } from './pod-row.ts'

export interface FoundPod extends PodRow {
  readonly uid: string
  readonly component: string
}

const mostPods = 5000

/**
 * Pods that delivered workloads of a target own, by their owner references: pods carry no label of ours, since writing
 * one would restart what is adopted. Read as the person whose client it is.
 */
export async function findPods(options: {
  readonly delivery: Delivery
  readonly client: KubeClient
  readonly live: Pick<LiveState, 'objects'>
  readonly components?: readonly string[] | undefined
  readonly signal: AbortSignal
}): Promise<FoundPod[]> {
  const { delivery, client, live, components, signal } = options
  const { cluster, namespace } = delivery.spec.target
  const objects = live.objects(cluster, delivery.metadata.uid ?? '')
  if (!objects.known) throw new Error(objects.reason)
  const componentOf = new Map<string, string>()
  const namespaces = new Set<string>([namespace])
  for (const object of objects.value) {
    componentOf.set(object.uid, object.component)
    if (object.ref.namespace !== '') namespaces.add(object.ref.namespace)
  }
  const found: FoundPod[] = []
  for (const at of namespaces) {
    const between = await owners(client, at, signal)
    const ownerOf = (owner: string): string | undefined =>
      componentOf.get(owner) ?? componentOf.get(between.get(owner) ?? '')
    const { items } = await client.list({ group: '', kind: 'Pod' }, { namespace: at, maxItems: mostPods, signal })
    for (const pod of items) {
      const uid = pod.metadata.uid ?? ''
      const component =
        componentOf.get(uid) ??
        pod.metadata.ownerReferences?.map((ref) => ownerOf(ref.uid)).find((one) => one !== undefined)
      if (component === undefined || (components !== undefined && !components.includes(component))) continue
      found.push({ ...podRow(pod, cluster, at), uid, component })
    }
  }
  return found
}

/** uid of what stands between a workload and its pods -> uid of the workload. */
async function owners(client: KubeClient, namespace: string, signal: AbortSignal): Promise<Map<string, string>> {
  const between = new Map<string, string>()
  for (const kind of [
    { group: 'apps', kind: 'ReplicaSet' },
    { group: 'batch', kind: 'Job' },
  ]) {
    const { items } = await client.list(kind, {
      namespace,
      maxItems: mostPods,
      signal,
      project: ({ metadata }) => ({ uid: metadata.uid, owner: metadata.ownerReferences?.[0]?.uid }),
    })
    for (const { uid, owner } of items) if (uid !== undefined && owner !== undefined) between.set(uid, owner)
  }
  return between
}
