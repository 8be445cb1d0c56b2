import { z } from 'zod'
import { defineRoute } from '../route.ts'
import { KubernetesToken, ReachableClusters } from '../shapes/kubernetes.ts'
import { signedIn } from './rights.ts'

export const kubernetesRoutes = [
  defineRoute('kubernetes.clusters', {
    summary: 'The clusters that I reach with kubectl, and my namespaces in them',
    params: undefined,
    query: undefined,
    body: undefined,
    result: ReachableClusters,
    errors: [],
    rights: signedIn('holds only the clusters in which a role of the caller is bound'),
  }),
  defineRoute('kubernetes.token', {
    summary: 'A token for kubectl, good for ten minutes and for as long as this session is',
    params: undefined,
    query: undefined,
    body: z.object({}).optional(),
    result: KubernetesToken,
    errors: [],
    rights: signedIn("stands for the caller's own session, and ends with it"),
    status: 201,
  }),
]
