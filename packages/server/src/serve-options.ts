import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { FlotillaError, type ShellRecording } from '@flotilla/model'
import { createTrustedProxies } from './http/trusted-proxies.ts'

export interface ListenAt {
  readonly host: string
  readonly port: number
}

export interface ServeOptions {
  /** Of the host cluster; undefined inside a pod of it. */
  readonly kubeconfig: string | undefined
  readonly context: string | undefined
  /** Database, keys and the administrator's first password. */
  readonly dataDir: string
  /** Address of a PostgreSQL, with its password; undefined for the embedded database. */
  readonly database: { readonly file: string } | { readonly url: string } | undefined
  readonly listen: ListenAt
  /** Further addresses, for whoever does not reach the first one. */
  readonly alsoListen: readonly ListenAt[]
  /** Where people and agents reach the server; undefined when nobody on another machine does. */
  readonly publicUrl: URL | undefined
  /** Where people open the console: what providers send them back to. Without a public address it is where the server listens. */
  readonly consoleUrl: URL | undefined
  /** Who vouches for the certificate at `publicUrl` where a proxy ends TLS: a PEM file, or the usual authorities. */
  readonly publicCa: 'system' | { readonly file: string } | undefined
  /** `host:port` at which other servers of the same database reach this one. */
  readonly replicaAddress: string | undefined
  /** The image of agents. */
  readonly agentImage: string | undefined
  /** What pods run that measure whether a cluster enforces network policies. */
  readonly networkProbeImage: string | undefined
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined
  readonly consoleDir: string | undefined
  readonly helmWorker: string | undefined
  readonly adminPasswordFile: string | undefined
  /** Nothing is served: the first password is printed, and its file removed. */
  readonly showFirstPassword: boolean
  /** Hosts and networks that charts, repositories and clusters may be at although they are refused by default. */
  readonly allowedHosts: readonly string[]
  readonly allowedCidrs: readonly string[]
  /** Registries and repositories that are spoken to over plain HTTP. */
  readonly insecureHosts: readonly string[]
  readonly allowFileGit: boolean
  readonly trustedProxies: readonly string[]
  /** What is recorded of all shells; workspaces and projects may ask for more. */
  readonly recordShells: ShellRecording
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
}

export const serveHelp = `flotilla serve: run the server on a host cluster

  --kubeconfig FILE           the host cluster, with a cluster administrator's rights (default: $KUBECONFIG, or the pod's own account)
  --context NAME              context of that file
  --data DIR                  where database, keys and the first password are kept (default: ./flotilla-data)
  --database-url-file FILE    a PostgreSQL instead, which several servers may share: postgresql://USER:PASSWORD@HOST/DATABASE
                              (default: $FLOTILLA_DATABASE_URL; without one, an embedded database in DIR)
  --listen HOST:PORT          where the console and the API are served (default: 127.0.0.1:8080); repeatable
  --public-url URL            https:// address at which agents and people on other machines reach it (default: where it listens)
  --public-ca FILE|system     the authority of the certificate there, when a proxy ends TLS (default: the server's own)
  --replica-address HOST:PORT where other servers of the same database reach this one (default: $FLOTILLA_REPLICA_ADDRESS, or where it listens)
  --agent-image IMAGE         the image of agents (default: flotilla/agent:VERSION)
  --network-probe-image IMAGE has node: what measures whether a cluster enforces network policies (default: its agent's image)
  --tls-cert FILE --tls-key FILE   serve HTTPS
  --console DIR               the built console (default: the one that comes with it)
  --helm-worker FILE          the Helm worker (default: $FLOTILLA_HELM_WORKER)
  --admin-password-file FILE  where the administrator's first password is written (default: DATA/admin-password;
                              with a PostgreSQL, a Secret in the host)
  --show-first-password       print that password, remove it there, and serve nothing
  --allow-host HOST           let charts and clusters be at HOST[:PORT] or *.SUFFIX, wherever it resolves to; repeatable
  --allow-cidr CIDR           the same for a network
  --insecure-host HOST[:PORT] a registry or repository that is spoken to over plain HTTP; repeatable
  --allow-file-git            let sources be Git repositories at file://
  --trusted-proxy ADDRESS     a proxy whose X-Forwarded-For counts, or a network of such; repeatable
  --record-shells WHAT        record all shells: output, or output-and-input (default: $FLOTILLA_RECORD_SHELLS, or never;
                              workspaces and projects may ask for more)
  --log-level LEVEL           debug, info, warn or error (default: info)

Logs are JSON lines on standard error.

  flotilla serve --kubeconfig ~/.kube/config --data /var/lib/flotilla
`

/** Where the first password is; undefined: in the host, beside the keys of a database that servers share. */
export const passwordFileOf = ({ adminPasswordFile, database, dataDir }: ServeOptions): string | undefined =>
  adminPasswordFile ?? (database === undefined ? join(dataDir, 'admin-password') : undefined)

const levels = ['debug', 'info', 'warn', 'error'] as const

/** Errors: `input.invalid`, naming the option. */
export function parseServeOptions(args: readonly string[], env: NodeJS.ProcessEnv): ServeOptions {
  const values = readArgs(args)
  const level = values['log-level'] ?? 'info'
  const logLevel = levels.find((one) => one === level)
  if (logLevel === undefined) throw invalid('--log-level', level, `Use one of ${levels.join(', ')}.`)
  const { 'tls-cert': certFile, 'tls-key': keyFile } = values
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw invalid(certFile === undefined ? '--tls-cert' : '--tls-key', undefined, 'Give certificate and key together.')
  }
  const [listen = defaultListen, ...alsoListen] = (values.listen ?? []).map(parseListen)
  return {
    kubeconfig: values.kubeconfig ?? nonEmpty(env['KUBECONFIG']),
    context: values.context,
    dataDir: values.data ?? 'flotilla-data',
    database: parseDatabase(values['database-url-file'], env),
    listen,
    alsoListen,
    publicUrl: parsePublicUrl(values['public-url']) ?? listeningUrl([listen, ...alsoListen]),
    consoleUrl: parsePublicUrl(values['public-url']) ?? openedAt(listen, certFile === undefined ? 'http' : 'https'),
    publicCa: parsePublicCa(values['public-ca']),
    replicaAddress: parseReplicaAddress(values['replica-address'] ?? nonEmpty(env['FLOTILLA_REPLICA_ADDRESS']), listen),
    agentImage: values['agent-image'],
    networkProbeImage: values['network-probe-image'],
    tls: certFile === undefined || keyFile === undefined ? undefined : { certFile, keyFile },
    consoleDir: values.console,
    helmWorker: values['helm-worker'] ?? nonEmpty(env['FLOTILLA_HELM_WORKER']),
    adminPasswordFile: values['admin-password-file'],
    showFirstPassword: values['show-first-password'] ?? false,
    allowedHosts: values['allow-host'] ?? [],
    allowedCidrs: values['allow-cidr'] ?? [],
    insecureHosts: values['insecure-host'] ?? [],
    allowFileGit: values['allow-file-git'] ?? false,
    trustedProxies: checkProxies(values['trusted-proxy'] ?? []),
    recordShells: parseRecordShells(values['record-shells'] ?? nonEmpty(env['FLOTILLA_RECORD_SHELLS'])),
    logLevel,
  }
}

function readArgs(args: readonly string[]) {
  const text = { type: 'string' } as const
  const texts = { type: 'string', multiple: true } as const
  try {
    return parseArgs({
      args: [...args],
      options: {
        kubeconfig: text,
        context: text,
        data: text,
        'database-url-file': text,
        listen: texts,
        'public-url': text,
        'public-ca': text,
        'replica-address': text,
        'agent-image': text,
        'network-probe-image': text,
        'tls-cert': text,
        'tls-key': text,
        console: text,
        'helm-worker': text,
        'admin-password-file': text,
        'show-first-password': { type: 'boolean' },
        'allow-host': texts,
        'allow-cidr': texts,
        'insecure-host': texts,
        'allow-file-git': { type: 'boolean' },
        'trusted-proxy': texts,
        'record-shells': text,
        'log-level': text,
      },
    }).values
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown)
    throw new FlotillaError('input.invalid', { message, remedy: 'flotilla serve --help lists the options.' })
  }
}

const defaultListen: ListenAt = { host: '127.0.0.1', port: 8080 }

function parseListen(text: string): ListenAt {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:]*)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (match === null || port > 65_535) throw invalid('--listen', text, 'Use HOST:PORT, such as 127.0.0.1:8080.')
  return { host: match[1] ?? (match[2] === undefined || match[2] === '' ? '0.0.0.0' : match[2]), port }
}

/** In a file or the environment: everybody on the machine reads a process's arguments. */
function parseDatabase(file: string | undefined, env: NodeJS.ProcessEnv): ServeOptions['database'] {
  if (file !== undefined) return { file }
  const text = nonEmpty(env['FLOTILLA_DATABASE_URL'])
  return text === undefined ? undefined : { url: checkDatabaseUrl(text, '$FLOTILLA_DATABASE_URL') }
}

/** Errors: `input.invalid`, naming the option. */
export async function readDatabaseUrl(database: NonNullable<ServeOptions['database']>): Promise<string> {
  if ('url' in database) return database.url
  const text = await readFile(database.file, 'utf8').catch((thrown: unknown) => {
    const reason = (thrown as NodeJS.ErrnoException).code ?? 'unknown'
    throw invalid('--database-url-file', database.file, `It cannot be read (${reason}).`)
  })
  return checkDatabaseUrl(text.trim(), '--database-url-file')
}

function checkDatabaseUrl(text: string, from: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && /^postgres(?:ql)?:$/.test(url.protocol) && url.pathname.length > 1) return text
  // the value is not told: it holds a password
  throw invalid(from, undefined, 'Use postgresql://USER:PASSWORD@HOST/DATABASE.')
}

/** Always https: agents and kubectl show tokens there. */
function parsePublicUrl(text: string | undefined): URL | undefined {
  if (text === undefined) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'https:' || url.pathname !== '/' || url.search !== '' || url.username !== '')
    throw invalid('--public-url', text, 'Use https://HOST[:PORT], without a path.')
  return url
}

function parsePublicCa(text: string | undefined): ServeOptions['publicCa'] {
  if (text === undefined || text === 'system') return text
  if (text !== '') return { file: text }
  throw invalid('--public-ca', text, 'Use a PEM file, or system for the authorities that everybody trusts.')
}

function checkProxies(proxies: readonly string[]): readonly string[] {
  createTrustedProxies(proxies)
  return proxies
}

function parseRecordShells(text: string | undefined): ShellRecording {
  switch (text) {
    case undefined:
    case 'never':
      return 'Never'
    case 'output':
      return 'Output'
    case 'output-and-input':
      return 'OutputAndInput'
    default:
      throw invalid('--record-shells', text, 'Use never, output or output-and-input.')
  }
}

/** All addresses of a machine are none that another can dial. */
function parseReplicaAddress(text: string | undefined, { host, port }: ListenAt): string | undefined {
  if (text === undefined) return /^(?:0\.0\.0\.0|::)$/.test(host) || port === 0 ? undefined : hostAndPort(host, port)
  // as a pod is told its own address
  if (isIP(text) !== 0) return hostAndPort(text, port)
  const url = URL.canParse(`https://${text}`) ? new URL(`https://${text}`) : undefined
  if (url === undefined || url.pathname !== '/' || url.username !== '' || !/:\d+$/.test(text))
    throw invalid('--replica-address', text, 'Use HOST:PORT, such as 10.0.3.7:8443, or an address alone.')
  return text
}

const hostAndPort = (host: string, port: number): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

/** Of one address of this machine it is known that others may reach it; of a loopback address that they do not. */
function listeningUrl(all: readonly ListenAt[]): URL | undefined {
  const reached = all.find(({ host, port }) => !/^(?:127\.|0\.0\.0\.0$|localhost$|::1?$)/.test(host) && port !== 0)
  if (reached === undefined) return undefined
  const { host, port } = reached
  return new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`)
}

/** Undefined where that is every address, of which none is known. */
function openedAt({ host, port }: ListenAt, scheme: 'http' | 'https'): URL | undefined {
  if (port === 0 || host === '0.0.0.0' || host === '::') return undefined
  return new URL(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`)
}

const nonEmpty = (text: string | undefined): string | undefined => (text === '' ? undefined : text)

const invalid = (field: string, value: string | undefined, remedy: string): FlotillaError =>
  new FlotillaError('input.invalid', { message: `${field} is not usable`, field, value, remedy })
