import { parseArgs } from 'node:util'

export interface AgentOptions {
  readonly server: URL
  readonly serverName: string | undefined
  readonly cluster: string
  readonly tokenFile: string
  readonly caFile: string | undefined
  /** Secret of the own cluster that holds the token, where a new one is written: namespace and name. */
  readonly tokenSecret: { readonly namespace: string; readonly name: string } | undefined
  readonly healthPort: number | undefined
  /** Where the kubelet puts the account of the pod. */
  readonly accountDir: string
  /** The own cluster's API server, as the kubelet tells every pod. */
  readonly apiServer: { readonly host: string; readonly port: number }
}

export const agentHelp = `flotilla agent: connect the cluster that this runs in to a Flotilla server, from the inside out

  --server URL            the server, https://HOST[:PORT]
  --cluster NAME          what the server calls this cluster
  --token-file FILE       the agent's token
  --ca-file FILE          the only authority that the server's certificate may be from (default: the usual ones)
  --server-name NAME      the name in the server's certificate, when it is not HOST
  --token-secret NS/NAME  Secret of this cluster that the token is from: a new one is written there
  --health-port PORT      answer /healthz and /readyz there (default: nowhere)
  --account-dir DIR       the pod's own account (default: /var/run/secrets/kubernetes.io/serviceaccount)

HTTPS_PROXY and NO_PROXY are honoured. It dials out only, and leads to the API server of its own cluster and nowhere
else. Logs are JSON lines on standard error. \`flotilla cluster add NAME --agent\` prints what starts it in a cluster.

  flotilla agent --server https://flotilla.example --cluster east --token-file /run/flotilla/token
  flotilla agent --server https://10.0.0.5:7480 --server-name flotilla --ca-file ca.crt --cluster east --token-file token
`

const podAccount = '/var/run/secrets/kubernetes.io/serviceaccount'

/** What is wrong with an option, for the person who wrote it. */
export class OptionError extends Error {
  constructor(option: string, message: string) {
    super(`${option} ${message}; flotilla agent --help lists the options`)
    this.name = 'OptionError'
  }
}

/** Errors: OptionError, naming the option. */
export function parseAgentOptions(args: readonly string[], env: NodeJS.ProcessEnv): AgentOptions {
  const values = readArgs(args)
  const required = (name: 'server' | 'cluster' | 'token-file'): string => {
    const value = values[name]
    if (value === undefined || value === '') throw new OptionError(`--${name}`, 'is missing')
    return value
  }
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '443' } = env
  if (host === '')
    throw new OptionError(
      'KUBERNETES_SERVICE_HOST',
      'is not set: the agent runs in a pod of the cluster that it connects',
    )
  return {
    server: parseServer(required('server')),
    serverName: values['server-name'],
    cluster: required('cluster'),
    tokenFile: required('token-file'),
    caFile: values['ca-file'],
    tokenSecret: parseSecret(values['token-secret']),
    healthPort: parsePort(values['health-port']),
    accountDir: values['account-dir'] ?? podAccount,
    apiServer: { host, port: Number(port) },
  }
}

function readArgs(args: readonly string[]) {
  const text = { type: 'string' } as const
  try {
    return parseArgs({
      args: [...args],
      options: {
        server: text,
        'server-name': text,
        cluster: text,
        'token-file': text,
        'ca-file': text,
        'token-secret': text,
        'health-port': text,
        'account-dir': text,
      },
    }).values
  } catch (thrown) {
    throw new OptionError('options:', thrown instanceof Error ? thrown.message : String(thrown))
  }
}

/** Never plain HTTP: the token would be read by whoever is on the way. */
function parseServer(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'https:' || url.pathname !== '/' || url.search !== '' || url.username !== '')
    throw new OptionError('--server', 'has to be https://HOST[:PORT]')
  return url
}

function parseSecret(text: string | undefined): AgentOptions['tokenSecret'] {
  if (text === undefined) return undefined
  const match = /^([a-z0-9][-a-z0-9]{0,62})\/([a-z0-9][-.a-z0-9]{0,252})$/.exec(text)
  if (match === null) throw new OptionError('--token-secret', 'has to be NAMESPACE/NAME')
  return { namespace: match[1] ?? '', name: match[2] ?? '' }
}

function parsePort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new OptionError('--health-port', 'has to be a port')
  return Number(text)
}
