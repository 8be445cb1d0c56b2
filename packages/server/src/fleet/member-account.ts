import { failpoint } from '@flotilla/engine'
import type { Clock, KubeClient, ObjectKey } from '@flotilla/kube'
import { asFlotillaError, fieldManager, FlotillaError, type KubeObject, labels, systemNamespace } from '@flotilla/model'
import { createNamespace } from './namespace-steps.ts'

/** The platform's own account in a member. */
const account = 'flotilla'
const tokenSecret = 'flotilla-token'
const binding = 'flotilla'
const rbac = 'rbac.authorization.k8s.io'
const ours = { [labels.managed]: 'account' }

const secretKey: ObjectKey = { group: '', version: 'v1', kind: 'Secret', namespace: systemNamespace, name: tokenSecret }
const waitMs = 15_000
const lookMs = 200

/** `cluster-admin`: the platform gives projects their rights there, and acts as their groups. */
const bindingObject: KubeObject = {
  apiVersion: `${rbac}/v1`,
  kind: 'ClusterRoleBinding',
  metadata: { name: binding, labels: ours },
  roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: [{ kind: 'ServiceAccount', name: account, namespace: systemNamespace }],
}

/** They go with the binding: whoever takes it away could do nothing after it. */
const accountObjects = (bindingUid: string): KubeObject[] => {
  const ownerReferences = [{ apiVersion: `${rbac}/v1`, kind: 'ClusterRoleBinding', name: binding, uid: bindingUid }]
  const metadata = { namespace: systemNamespace, labels: ours, ownerReferences }
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { ...metadata, name: account } },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { ...metadata, name: tokenSecret, annotations: { 'kubernetes.io/service-account.name': account } },
      type: 'kubernetes.io/service-account-token',
    },
  ]
}

/**
 * Makes an account of the platform's own in a member, so that the credential that a person lent need not be kept.
 * @returns its token; undefined when the lent credential may not make it
 */
export async function mintAccount(client: KubeClient, clock: Clock, signal: AbortSignal): Promise<string | undefined> {
  try {
    const write = { fieldManager, force: true, signal }
    const { metadata } = await client.apply(bindingObject, write)
    await createNamespace(client, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: systemNamespace } }, signal)
    for (const object of accountObjects(metadata.uid ?? '')) {
      failpoint('member-account.object')
      await client.apply(object, write)
    }
  } catch (thrown) {
    if (asFlotillaError(thrown).code === 'kube.forbidden') return undefined
    throw thrown
  }
  const until = clock.elapsed() + waitMs
  for (;;) {
    const secret = await client.find(secretKey, { signal })
    const token = tokenOf(secret)
    if (token !== undefined) return token
    if (clock.elapsed() > until) {
      throw new FlotillaError('cluster.timeout', {
        message: `Cluster ${client.name} did not give the service account ${systemNamespace}/${account} a token within ${waitMs / 1000} s.`,
        remedy: 'Check that its kube-controller-manager runs, then add the cluster again.',
      })
    }
    await clock.sleep(lookMs, signal)
  }
}

function tokenOf(secret: KubeObject | undefined): string | undefined {
  const token = (secret?.['data'] as { token?: unknown } | undefined)?.token
  return typeof token === 'string' && token !== '' ? Buffer.from(token, 'base64').toString() : undefined
}

/** Takes the account away again: the account and its token go with the binding. */
export async function leaveMember(client: KubeClient, signal: AbortSignal): Promise<void> {
  const key = { group: rbac, version: 'v1', kind: 'ClusterRoleBinding', name: binding }
  const mine = await client.find(key, { signal })
  const { uid } = mine?.metadata ?? {}
  if (uid === undefined || mine?.metadata.labels?.[labels.managed] !== ours[labels.managed]) return
  await client.delete(key, { uid, signal })
}
