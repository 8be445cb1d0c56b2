import { z } from 'zod'

/** Where the Kubernetes APIs are below the server's address; the path of a cluster's own API follows. */
export const kubernetesPath = {
  host: '/k8s/host',
  cluster: (name: string): string => `/k8s/clusters/${name}`,
} as const

export const ReachableCluster = z.object({
  name: z.string(),
  displayName: z.string().optional(),
  path: z.string().describe("Path of its Kubernetes API below this server's address"),
  namespaces: z.array(z.string()).describe("Namespaces of the caller's projects there; a platform role reaches all"),
})
export type ReachableCluster = z.infer<typeof ReachableCluster>

export const ReachableClusters = z.object({
  items: z.array(ReachableCluster),
  host: z
    .object({ path: z.string(), namespaces: z.array(z.string()) })
    .optional()
    .describe('The cluster that holds Applications and the like'),
  tls: z
    .object({
      ca: z.string().describe("PEM of the server's own authority"),
      serverName: z.string().describe('The name to ask for, whatever the address'),
    })
    .optional()
    .describe('Where the server was given no certificate: how it is known over https, at the same port'),
})
export type ReachableClusters = z.infer<typeof ReachableClusters>

export const KubernetesToken = z.object({
  token: z.string().describe('Bearer token for /k8s/ and nothing else'),
  expiresAt: z.string(),
})
