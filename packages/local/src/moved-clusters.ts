import { apiVersion } from '@flotilla/model'
import { stringify } from 'yaml'

/**
 * Clusters that the platform knows under an address that they no longer have: a fleet whose network was taken meanwhile
 * gets another one. As documents with the addresses of now; undefined where all is as it was.
 */
export function documentsOfMoved(
  known: readonly { readonly name: string; readonly server: string }[],
  clusters: Readonly<Record<string, { readonly server: string } | undefined>>,
): { readonly names: readonly string[]; readonly text: string } | undefined {
  const moved = known.flatMap(({ name, server }) => {
    const now = clusters[name]?.server
    return now === undefined || now === server ? [] : [{ name, server: now }]
  })
  if (moved.length === 0) return undefined
  const documents = moved.map(({ name, server }) => ({
    apiVersion,
    kind: 'Cluster',
    metadata: { name },
    // its authority and its credential outlive the move
    spec: { connection: { type: 'direct', server, secretName: `cluster-${name}` } },
  }))
  return { names: moved.map(({ name }) => name), text: documents.map((one) => stringify(one)).join('---\n') }
}
