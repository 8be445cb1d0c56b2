/** Containers that a shell can be opened in, with the one that the pod's author meant first. */
export function readContainers(pod: unknown): string[] {
  const { metadata, spec, status } = record(pod)
  const wanted = record(record(metadata)['annotations'])['kubectl.kubernetes.io/default-container']
  const { containers, initContainers, ephemeralContainers } = record(spec)
  const { initContainerStatuses, ephemeralContainerStatuses } = record(status)
  const running = new Set(
    [...list(initContainerStatuses), ...list(ephemeralContainerStatuses)]
      .filter((one) => record(record(one)['state'])['running'] !== undefined)
      .map((one) => String(record(one)['name'])),
  )
  const names = list(containers).flatMap(nameOf)
  // sidecars are init containers that go on running
  const others = [...list(initContainers), ...list(ephemeralContainers)].flatMap(nameOf)
  const all = [...names, ...others.filter((name) => running.has(name))]
  return typeof wanted === 'string' && all.includes(wanted) ? [wanted, ...all.filter((name) => name !== wanted)] : all
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {}
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const nameOf = (one: unknown): string[] => {
  const { name } = record(one)
  return typeof name === 'string' ? [name] : []
}
