import { isRecord, type ObjectRef, parseApiVersion } from '@flotilla/model'
import { parseYaml } from '@flotilla/render'

/** A record of Helm is at most a megabyte packed. */
const mostBytes = 32 * 1024 * 1024

/** The objects that a release's manifest names; it is as long as a chart makes it, so the event loop does not wait for it. */
export async function readManifestRefs(manifest: string, namespace: string, signal: AbortSignal): Promise<ObjectRef[]> {
  const documents = await parseYaml(manifest, {
    field: 'manifest of the release',
    maxBytes: mostBytes,
    doubledKeys: 'last counts',
    signal,
  })
  return documents.flatMap((object) => {
    if (!isRecord(object) || !isRecord(object['metadata'])) return []
    const { group, version } = parseApiVersion(String(object['apiVersion']))
    const place = object['metadata']['namespace']
    return [
      {
        group,
        version,
        kind: String(object['kind']),
        namespace: typeof place === 'string' ? place : namespace,
        name: String(object['metadata']['name']),
      },
    ]
  })
}
