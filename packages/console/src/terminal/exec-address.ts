/** A container, and with what it is spoken to. */
export interface ShellPlace {
  readonly cluster: string
  readonly namespace: string
  readonly pod: string
  /** Undefined while it is not known which containers there are: then the pod's first. */
  readonly container?: string | undefined
  readonly shell: ShellName
}

export const shellNames = ['auto', 'bash', 'sh'] as const
export type ShellName = (typeof shellNames)[number]

const terminalKind = 'export TERM=xterm-256color'

/** bash where there is one, else sh, in one go: an image without any says so itself. */
const commands: { readonly [Name in ShellName]: readonly string[] } = {
  auto: ['sh', '-c', `${terminalKind}; command -v bash >/dev/null 2>&1 && exec bash; exec sh`],
  bash: ['bash', '-c', `${terminalKind}; exec bash`],
  sh: ['sh', '-c', `${terminalKind}; exec sh`],
}

/** Below the origin of the console. */
export const podPath = ({ cluster, namespace, pod }: Pick<ShellPlace, 'cluster' | 'namespace' | 'pod'>): string =>
  `/k8s/clusters/${encodeURIComponent(cluster)}/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}`

export function execPath(place: ShellPlace): string {
  const query = new URLSearchParams({ stdin: 'true', stdout: 'true', tty: 'true' })
  if (place.container !== undefined) query.set('container', place.container)
  for (const word of commands[place.shell]) query.append('command', word)
  return `${podPath(place)}/exec?${query}`
}
