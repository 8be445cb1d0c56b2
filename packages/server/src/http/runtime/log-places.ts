import type { KubeClient } from '@flotilla/kube'
import type { LogPlace } from '../logs/follow-logs.ts'
import type { FoundPod } from './find-pods.ts'

/** The containers of a pod whose logs are wanted: all, or the one that is named. */
export function logPlaces(pod: FoundPod, wanted: string | undefined, client: KubeClient): LogPlace[] {
  return pod.containers
    .filter((container) => wanted === undefined || wanted === container.name)
    .map((container) => ({
      cluster: pod.cluster,
      namespace: pod.namespace,
      pod: pod.name,
      container: container.name,
      component: pod.component,
      life: `${pod.uid}/${container.restarts}`,
      state: stateOf(container.state, container.restarts),
      waitingFor: pod.reason,
      client,
    }))
}

function stateOf(state: string, restarts: number): LogPlace['state'] {
  if (state === 'Running') return 'running'
  if (state.includes('exit code')) return 'ended'
  // between two restarts the last run can still be read
  return restarts > 0 ? 'ended' : 'waiting'
}
