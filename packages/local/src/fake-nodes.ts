import { stringify } from 'yaml'
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
        labels: {
          'kubernetes.io/hostname': name,
          'kubernetes.io/os': 'linux',
          'kubernetes.io/arch': 'amd64',
          type: 'kwok',
        },
      },
      spec: { taints: [{ key: 'kwok.x-k8s.io/node', value: 'fake', effect: 'NoSchedule' }] },
      status: { allocatable: resources, capacity: resources },
    },
  })
  if (answer.status >= 300 && answer.status !== 409) {
    throw new Error(`create node ${name}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`)
  }
}

/**
 * How kwok plays nodes and pods: a node is ready at once, a pod runs at once, a job's pod ends well at once, and what is
 * deleted goes at once. kwok renders the templates with Go's text/template.
 */
export function renderStages(): string {
  const now = '{{ Now | Quote }}'
  const condition = (type: string, status: string) => ({ type, status, reason: 'Simulated', lastTransitionTime: now })
  const alive = { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' }
  const inPhase = (phase: string) => ({ key: '.status.phase', operator: 'In', values: [phase] })
  const ready = '.status.conditions.[] | select( .type == "Ready" ) | .status'
  const containers = (state: string) => `containerStatuses:
{{ range .spec.containers }}
- { name: {{ .name | Quote }}, image: {{ .image | Quote }}, imageID: "", restartCount: 0, ${state} }
{{ end }}`
  const stages = [
    stage(
      'node-ready',
      'Node',
      [{ key: ready, operator: 'NotIn', values: ['True'] }],
      [
        `conditions: ${JSON.stringify([
          condition('Ready', 'True'),
          ...['MemoryPressure', 'DiskPressure', 'PIDPressure'].map((type) => condition(type, 'False')),
        ])}`,
        'addresses: [{ type: InternalIP, address: {{ NodeIP | Quote }} }, { type: Hostname, address: {{ NodeName | Quote }} }]',
        'nodeInfo: { architecture: amd64, operatingSystem: linux, osImage: simulated, kernelVersion: simulated, kubeletVersion: kwok, kubeProxyVersion: kwok, containerRuntimeVersion: kwok, bootID: "", machineID: "", systemUUID: "" }',
      ],
    ),
    stage(
      'pod-run',
      'Pod',
      [alive, inPhase('Pending')],
      [
        'phase: Running',
        `startTime: ${now}`,
        `conditions: ${JSON.stringify(['Initialized', 'ContainersReady', 'Ready'].map((type) => condition(type, 'True')))}`,
        containers(`ready: true, started: true, state: { running: { startedAt: ${now} } }`),
        '{{ with PodIPsWith .spec.nodeName ( or .spec.hostNetwork false ) .metadata.uid .metadata.name .metadata.namespace }}',
        'podIP: {{ index . 0 | Quote }}',
        'podIPs: [{ ip: {{ index . 0 | Quote }} }]',
        '{{ end }}',
      ],
    ),
    stage(
      'pod-complete',
      'Pod',
      [alive, inPhase('Running'), { key: '.metadata.ownerReferences.[].kind', operator: 'In', values: ['Job'] }],
      [
        'phase: Succeeded',
        containers(
          `ready: false, started: false, state: { terminated: { exitCode: 0, reason: Completed, startedAt: ${now}, finishedAt: ${now} } }`,
        ),
      ],
    ),
    stage('pod-delete', 'Pod', [{ key: '.metadata.deletionTimestamp', operator: 'Exists' }]),
  ]
  return stages.map((document) => stringify(document)).join('---\n')
}

function stage(name: string, kind: 'Node' | 'Pod', matchExpressions: object[], status?: readonly string[]) {
  // quotes inside the JSON would quote the templates twice
  const template = status?.join('\n').replaceAll(/"(\{\{ Now \| Quote \}\})"/g, '$1')
  return {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name },
    spec: {
      resourceRef: { apiGroup: 'v1', kind },
      selector: { matchExpressions },
      next: template === undefined ? { delete: true } : { statusTemplate: template },
    },
  }
}
