import { failpoint } from '@flotilla/engine'
import type { KubeClient, ObjectKey } from '@flotilla/kube'
import { asFlotillaError, fieldManager, labels, systemNamespace } from '@flotilla/model'
import { agentName } from './join-manifest.ts'

const rbac = 'rbac.authorization.k8s.io'
const binding: ObjectKey = { group: rbac, version: 'v1', kind: 'ClusterRoleBinding', name: agentName }
const inSystem = { namespace: systemNamespace, name: agentName }
const others: readonly ObjectKey[] = [
  { group: 'apps', version: 'v1', kind: 'Deployment', ...inSystem },
  { group: '', version: 'v1', kind: 'Secret', ...inSystem },
  { group: '', version: 'v1', kind: 'ServiceAccount', ...inSystem },
]

/**
 * Takes the agent out of its cluster, through its own tunnel: everything is made to go with the binding first, and the
 * cluster itself takes it away, as whoever takes the binding away can do nothing after it.
 */
export async function leaveAgent(client: KubeClient, signal: AbortSignal): Promise<void> {
  const mine = await client.find(binding, { signal })
  const { uid } = mine?.metadata ?? {}
  if (uid === undefined || mine?.metadata.labels?.[labels.managed] !== 'agent') return
  const owner = { apiVersion: `${rbac}/v1`, kind: 'ClusterRoleBinding', name: agentName, uid }
  for (const key of others) {
    const body = { metadata: { ownerReferences: [owner] } }
    try {
      await client.patch(key, { type: 'merge', body }, { fieldManager, signal })
    } catch (thrown) {
      if (asFlotillaError(thrown).code !== 'kube.not_found') throw thrown
    }
    failpoint('leave-agent.object')
  }
  await client.delete(binding, { uid, signal })
}
