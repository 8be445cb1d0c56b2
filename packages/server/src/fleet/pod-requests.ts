import { type KubeObject, parseQuantity } from '@flotilla/model'

export interface PodRequests {
  readonly cpuMillis: number
  readonly memoryBytes: number
}

interface Container {
  restartPolicy?: string
  resources?: { requests?: Record<string, unknown> }
}

/**
 * What a pod takes of its node, as the scheduler counts it (resource.PodRequests): its containers and sidecars together,
 * or its greatest init container, and the overhead. Undefined when it takes nothing: not placed yet, or ended.
 */
export function computePodRequests(pod: KubeObject): PodRequests | undefined {
  const spec = pod['spec'] as {
    nodeName?: string
    containers?: Container[]
    initContainers?: Container[]
    overhead?: Record<string, unknown>
  }
  const phase = (pod['status'] as { phase?: string } | undefined)?.phase
  if (spec.nodeName === undefined || phase === 'Succeeded' || phase === 'Failed') return undefined
  const total = (resource: string): number => {
    const of = ({ resources }: Container): number => parseQuantity(resources?.requests?.[resource])
    const running = (spec.containers ?? []).reduce((sum, container) => sum + of(container), 0)
    let sidecars = 0
    let greatestInit = 0
    for (const container of spec.initContainers ?? []) {
      if (container.restartPolicy === 'Always') sidecars += of(container)
      greatestInit = Math.max(greatestInit, sidecars + (container.restartPolicy === 'Always' ? 0 : of(container)))
    }
    return Math.max(running + sidecars, greatestInit) + parseQuantity(spec.overhead?.[resource])
  }
  return { cpuMillis: Math.round(total('cpu') * 1000), memoryBytes: Math.round(total('memory')) }
}
