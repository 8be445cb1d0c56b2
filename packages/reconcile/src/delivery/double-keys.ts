import { isRecord, type KubeObject } from '@flotilla/model'

/**
 * Entries of containers that a pod has twice: environment variables of one name, ports of one number and protocol.
 * Kubernetes takes them, and says that of two variables the last one counts.
 */
export function findDoubleKeys(object: KubeObject): string[] {
  const pod = podOf(object)
  const containers = [...recordsIn(pod?.['initContainers']), ...recordsIn(pod?.['containers'])]
  return containers.flatMap((container) =>
    doubles(container, 'env', ({ name }) => String(name)).concat(
      doubles(
        container,
        'ports',
        ({ containerPort, protocol }) => `${String(containerPort)}/${typeof protocol === 'string' ? protocol : 'TCP'}`,
      ),
    ),
  )
}

function doubles(
  container: Readonly<Record<string, unknown>>,
  field: string,
  keyOf: (item: Readonly<Record<string, unknown>>) => string,
): string[] {
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const key of recordsIn(container[field]).map(keyOf)) (seen.has(key) ? twice : seen).add(key)
  return [...twice].map((key) => `${field} ${key} of container ${String(container['name'])}`)
}

/** Where kinds that run pods have the pod's own spec. */
const templates = [['spec'], ['spec', 'template', 'spec'], ['spec', 'jobTemplate', 'spec', 'template', 'spec']]

function podOf(object: KubeObject): Readonly<Record<string, unknown>> | undefined {
  for (const path of templates) {
    const at = path.reduce<unknown>((value, step) => (isRecord(value) ? value[step] : undefined), object)
    if (isRecord(at) && Array.isArray(at['containers'])) return at
  }
  return undefined
}

const recordsIn = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isRecord) : [])
