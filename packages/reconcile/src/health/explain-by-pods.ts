import type { Health, KubeObject } from '@flotilla/model'
import { podHealth } from './pod.ts'
import { readField, readText } from './read-field.ts'

const worstFirst = ['Failed', 'Degraded', 'Suspended', 'Progressing'] as const

/** Kinds whose pods say more than their own status does. */
export function runsPods(object: Pick<KubeObject, 'kind' | 'apiVersion'>): boolean {
  return (
    (object.apiVersion.startsWith('apps/') &&
      ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'].includes(object.kind)) ||
    (object.apiVersion.startsWith('batch/') && object.kind === 'Job')
  )
}

/**
 * Health of an unwell workload with what its pods say of the cause. Pods that are going, or that went in an orderly
 * way, explain nothing. A pod's failure makes the workload Degraded, not Failed: its controller makes another one.
 */
export function explainByPods(workload: Health, pods: readonly KubeObject[]): Health {
  if (workload.state === 'Healthy' || workload.state === 'Suspended') return workload
  const unwell = pods
    .filter((pod) => pod.metadata.deletionTimestamp === undefined && !wasEvicted(pod))
    .map((pod) => ({ name: pod.metadata.name, health: podHealth(pod) }))
    .filter((pod) => pod.health.state !== 'Healthy')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const state of worstFirst) {
    const [first, ...others] = unwell.filter((pod) => pod.health.state === state)
    if (first === undefined) continue
    const more = others.length === 0 ? '' : ` (and ${others.length} more)`
    const message = `${workload.message}; pod ${first.name}${more}: ${first.health.message}`
    return { state: stateOf(workload, first.health), message }
  }
  return workload
}

function stateOf(workload: Health, pod: Health): Health['state'] {
  if (workload.state === 'Failed') return 'Failed'
  return pod.state === 'Failed' || pod.state === 'Degraded' ? 'Degraded' : workload.state
}

/** Left behind by the kubelet until the garbage collector comes; another pod took its place. */
function wasEvicted(pod: KubeObject): boolean {
  return readText(pod, 'status', 'phase') === 'Failed' && readField(pod, 'status', 'reason') !== undefined
}
