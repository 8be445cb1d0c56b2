import { z } from 'zod'
import { parseClusterIndex } from './addresses.ts'

export interface ClusterAddress {
  readonly name: string
  /** The API server's URL. */
  readonly server: string
}

/**
 * Clusters that the platform knows under an address that they no longer have: a fleet whose network was taken meanwhile
 * gets another one. A cluster keeps its place in its network; whatever else goes by the name is somebody's own.
 * @returns them with their addresses of now
 */
export function findMoved(
  known: readonly ClusterAddress[],
  clusters: Readonly<Record<string, { readonly server: string } | undefined>>,
): readonly ClusterAddress[] {
  return known.flatMap(({ name, server }) => {
    const now = clusters[name]?.server
    if (now === undefined || now === server) return []
    const before = parseClusterIndex(server)
    return before === undefined || before !== parseClusterIndex(now) ? [] : [{ name, server: now }]
  })
}

const texts = z.record(z.string(), z.string()).optional()
const Known = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  // its uid with it: of another object of that name nothing is written
  metadata: z.object({
    name: z.string(),
    uid: z.string(),
    labels: texts,
    annotations: texts,
    finalizers: z.array(z.string()).optional(),
  }),
  spec: z.looseObject({ connection: z.looseObject({ server: z.string() }) }),
  status: z.object({ uid: z.string().optional() }).optional(),
})

/**
 * A Cluster as the platform has it, with another address and otherwise as it is: what a document does not say any more is
 * taken away by its application. Undefined when the cluster that the platform saw there is not this one.
 * @param now.uid of the `kube-system` namespace of the cluster that has the address
 */
export function computeMoved(
  cluster: unknown,
  now: { readonly server: string; readonly uid: string },
): string | undefined {
  const { status, spec, ...rest } = Known.parse(cluster)
  if (status?.uid !== undefined && status.uid !== now.uid) return undefined
  // its authority and its credential outlive the move
  return JSON.stringify({ ...rest, spec: { ...spec, connection: { ...spec.connection, server: now.server } } })
}
