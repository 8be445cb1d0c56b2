import { requestKube } from './kube-request.ts'
import type { KubeAccess } from './kubeconfig.ts'

/** Simulated by kwok: nodes that exist only as objects, whose pods run only on paper. */
export async function applyFakeNodes(access: KubeAccess, count: number, signal?: AbortSignal): Promise<void> {
  const width = String(count - 1).length
  const names = Array.from({ length: count }, (_, index) => `fake-${String(index).padStart(width, '0')}`)
  const inParallel = 16
  for (let start = 0; start < names.length; start += inParallel) {
    await Promise.all(names.slice(start, start + inParallel).map((name) => createFakeNode(access, name, signal)))
  }
}

async function createFakeNode(access: KubeAccess, name: string, signal: AbortSignal | undefined): Promise<void> {
  const resources = { cpu: '32', memory: '256Gi', pods: '250' }
  const answer = await requestKube(access, 'POST', '/api/v1/nodes', {
    signal,
    body: {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name,
        annotations: { 'kwok.x-k8s.io/node': 'fake', 'node.alpha.kubernetes.io/ttl': '0' },
        labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64', type: 'kwok' },
      },
      spec: { taints: [{ key: 'kwok.x-k8s.io/node', value: 'fake', effect: 'NoSchedule' }] },
      status: { allocatable: resources, capacity: resources },
    },
  })
  if (answer.status >= 300 && answer.status !== 409) {
    throw new Error(`create node ${name}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`)
  }
}

/** How kwok plays nodes and pods; its built-in stages stand when it is given none. */
export const kwokConfig = (): string => 'apiVersion: config.kwok.x-k8s.io/v1alpha1\nkind: KwokConfiguration\n'
