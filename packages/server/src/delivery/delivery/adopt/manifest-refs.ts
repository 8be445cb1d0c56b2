import { isRecord, type ObjectRef, parseApiVersion } from '@flotilla/model'
import { parseDocuments } from '@flotilla/render/yaml'

/** The objects that a release's manifest names. It is as long as a chart makes it: call it in a thread. */
export function readManifestRefs(manifest: string, namespace: string): ObjectRef[] {
  // Helm lets a key be there twice
  const documents = parseDocuments(Buffer.from(manifest), 'manifest of the release', 'last counts')
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
