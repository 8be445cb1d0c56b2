interface Asked {
  readonly origin: string
  readonly user: string | undefined
  readonly cluster: string | undefined
}

/** `flotilla login` refuses plain http to another machine unless it is told; so is who copies the command. */
const isOpen = ({ protocol, hostname }: URL): boolean =>
  protocol === 'http:' && !(hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname))

/** What to type for plain kubectl. */
export function computeCommands({ origin, user, cluster }: Asked): Record<'login' | 'kubeconfig' | 'use', string> {
  const as = user === undefined ? '' : ` -u ${user}`
  const open = isOpen(new URL(origin)) ? ' --allow-http' : ''
  return {
    login: `flotilla login ${origin}${as}${open}`,
    kubeconfig: `flotilla kubeconfig${cluster === undefined ? '' : ` --cluster ${cluster}`}`,
    use: cluster === undefined ? 'kubectl config get-contexts' : `kubectl --context flotilla-${cluster} get pods`,
  }
}
