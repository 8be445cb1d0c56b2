import { failpoint, type Log } from '@flotilla/engine'
import type { KubeClient } from '@flotilla/kube'
import {
  asFlotillaError,
  Delivery,
  fieldManager,
  HookInHand,
  type KubeObject,
  labels,
  systemNamespace,
} from '@flotilla/model'
import { z } from 'zod'
import { orphanLabel, orphanSelector } from '../../fleet/orphan-projects.ts'
import { asKubeObject } from '../as-kube-object.ts'

const orphanName = (uid: string): string => `orphan-${uid}`

/** What a Delivery left in a cluster that could not be reached when it was removed. */
export interface Orphan {
  /** The Delivery as it was. */
  readonly delivery: Delivery
  readonly policy: 'Delete' | 'Keep'
  /** What was in hand then: its object carries our finalizer, and would hold up its namespace for ever. */
  readonly hook?: HookInHand | undefined
}

/** Remembers, in the host, what to take away when the cluster is back. */
export async function recordOrphan(
  host: KubeClient,
  delivery: Delivery,
  policy: Orphan['policy'],
  signal: AbortSignal,
): Promise<void> {
  const object = encodeOrphan(delivery, policy)
  await host.apply(object, { fieldManager, force: true, signal })
  failpoint('delivery-orphan-recorded')
}

export function encodeOrphan(delivery: Delivery, policy: Orphan['policy']): KubeObject {
  const { metadata, spec, status } = delivery
  const hook = status?.attempt?.hook
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: orphanName(metadata.uid ?? ''),
      namespace: systemNamespace,
      labels: { [labels.managed]: orphanLabel, [labels.cluster]: spec.target.cluster },
    },
    data: {
      policy,
      delivery: JSON.stringify(asKubeObject({ ...delivery, status: undefined })),
      ...(hook === undefined ? {} : { hook: JSON.stringify(hook) }),
    },
  }
}

/** Orphans of a cluster; one that cannot be read is reported and left. */
export async function listOrphans(host: KubeClient, cluster: string, log: Log, signal: AbortSignal): Promise<Orphan[]> {
  const { items } = await host.list(
    { group: '', version: 'v1', kind: 'ConfigMap' },
    { namespace: systemNamespace, labelSelector: orphanSelector(cluster), signal },
  )
  return items.flatMap((item) => {
    const orphan = parseOrphan(item)
    if (orphan === undefined) log.error('orphan unreadable', { cluster, name: item.metadata.name })
    return orphan === undefined ? [] : [orphan]
  })
}

const parsed = z.string().transform((text): unknown => JSON.parse(text))
const Content = z.object({
  policy: z.enum(['Delete', 'Keep']),
  delivery: parsed.pipe(Delivery),
  hook: parsed.pipe(HookInHand).optional(),
})

/** Undefined when it is none, or damaged. */
export function parseOrphan({ data }: KubeObject): Orphan | undefined {
  try {
    return Content.parse(data)
  } catch {
    return undefined
  }
}

export async function forgetOrphan(host: KubeClient, { delivery }: Orphan, signal: AbortSignal): Promise<void> {
  const name = orphanName(delivery.metadata.uid ?? '')
  try {
    await host.delete({ group: '', version: 'v1', kind: 'ConfigMap', namespace: systemNamespace, name }, { signal })
  } catch (thrown) {
    if (asFlotillaError(thrown).code !== 'kube.not_found') throw thrown
  }
}
