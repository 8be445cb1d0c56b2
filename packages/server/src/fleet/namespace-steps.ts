import type { KubeClient, ResolvedKind } from '@flotilla/kube'
import { annotations, asFlotillaError, fieldManager, type KubeObject, labels } from '@flotilla/model'

const namespaceKind = { group: '', version: 'v1', kind: 'Namespace' }

/** Made, never taken over: one that somebody else made meanwhile stays theirs, and is judged in the next pass. */
export async function createNamespace(client: KubeClient, object: KubeObject, signal: AbortSignal): Promise<void> {
  try {
    await client.create(object, { fieldManager, signal })
  } catch (thrown) {
    if (asFlotillaError(thrown).code !== 'kube.conflict') throw thrown
  }
}

export async function deleteNamespace(
  client: KubeClient,
  name: string,
  uid: string,
  signal: AbortSignal,
): Promise<void> {
  await client.delete({ ...namespaceKind, name }, { uid, signal })
}

/** Takes our labels off a namespace, so that it belongs to nobody; everything else in it stays. */
export async function releaseNamespace(
  client: KubeClient,
  name: string,
  uid: string,
  signal: AbortSignal,
): Promise<void> {
  const gone = (keys: readonly string[]): Record<string, null> => Object.fromEntries(keys.map((key) => [key, null]))
  const body = {
    metadata: {
      // the API server refuses the patch when another namespace has the name now
      uid,
      labels: gone([labels.managed, labels.owner, labels.project, labels.workspace, labels.environment]),
      annotations: gone([annotations.adopted]),
    },
  }
  try {
    await client.patch({ ...namespaceKind, name }, { type: 'merge', body }, { fieldManager, signal })
  } catch (thrown) {
    if (asFlotillaError(thrown).code !== 'kube.not_found') throw thrown
  }
}

/** What every namespace has by itself. */
const inherent = new Set(['ConfigMap/kube-root-ca.crt', 'ServiceAccount/default'])
/** Kinds that are only traces of others. */
const traces = new Set(['Event', 'EndpointSlice', 'Endpoints', 'PodMetrics', 'Lease', 'ControllerRevision'])
const shownPerKind = 5
const atOnce = 8

/**
 * Names what others have in a namespace, as `Kind name`, a few per kind. Fails when a kind cannot be listed: then nobody
 * may say that the namespace is empty.
 */
export async function inspectNamespace(client: KubeClient, namespace: string, signal: AbortSignal): Promise<string[]> {
  client.discovery.forget()
  const unavailable = await client.discovery.unavailable({ signal })
  if (unavailable.length > 0)
    throw new Error(`Whether ${namespace} is empty is not known: ${unavailable.join(', ')} does not answer`)
  const kinds = (await client.discovery.kinds({ signal })).filter(
    ({ namespaced, verbs, kind }) =>
      namespaced && verbs.includes('list') && verbs.includes('delete') && !traces.has(kind),
  )
  const found: string[] = []
  for (let start = 0; start < kinds.length; start += atOnce) {
    const lists = kinds.slice(start, start + atOnce).map((kind) => listForeign(client, kind, namespace, signal))
    found.push(...(await Promise.all(lists)).flat())
  }
  return found
}

async function listForeign(
  client: KubeClient,
  kind: ResolvedKind,
  namespace: string,
  signal: AbortSignal,
): Promise<string[]> {
  const found: string[] = []
  const options = { namespace, signal, pageSize: 100, project: ({ metadata }: KubeObject) => metadata }
  for await (const page of client.pages(kind, options)) {
    for (const { name, labels: has, ownerReferences, deletionTimestamp } of page.items) {
      // what a delivery made is let go of when it is to stay; a hook's finished Job stays as Helm leaves it
      const ours =
        has?.[labels.managed] !== undefined ||
        has?.[labels.delivery] !== undefined ||
        inherent.has(`${kind.kind}/${name}`)
      if (!ours && ownerReferences === undefined && deletionTimestamp === undefined) found.push(`${kind.kind} ${name}`)
      if (found.length >= shownPerKind) return found
    }
  }
  return found
}
