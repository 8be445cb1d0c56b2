import { mkdir, open, readFile, realpath, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import type { ReachableClusters } from '@flotilla/api'
import { UsageError } from '../exit.ts'
import type { Io } from '../io.ts'
import { type KubeAccess, mergeKubeconfig } from '../kubeconfig/merge-kubeconfig.ts'
import { table } from '../print/table.ts'
import { connect, type Connected } from '../settings/connect.ts'
import { writeWhole } from '../settings/write-whole.ts'

export interface KubeconfigOptions {
  readonly context?: string
  readonly file?: string
  readonly prefix: string
  readonly cluster?: readonly string[]
}

/** Writes a context for every cluster that the person reaches; they hold no token, but how to get one. */
export async function kubeconfig(io: Io, options: KubeconfigOptions): Promise<void> {
  const connected = await connect(io, options.context)
  if (connected.name === 'environment')
    throw new UsageError('kubectl would not have FLOTILLA_TOKEN; sign in with flotilla login first')
  const access = await readAccess(io, connected, options)
  if (options.file === '-') {
    io.out(mergeKubeconfig('', access, 'standard output').text)
    return
  }
  const file = await chooseFile(io, options.file)
  const removed = await withKubectlLock(file, io.signal, async () => {
    const merged = mergeKubeconfig(await readFile(file, 'utf8').catch(ifAbsent), access, file)
    await writeWhole(file, merged.text)
    return merged.removed
  })
  const rows = access.contexts.map(({ name, cluster, namespace }) => [name, String(cluster['server']), namespace ?? ''])
  io.out(table(io, ['CONTEXT', 'SERVER', 'NAMESPACE'], rows))
  for (const name of removed) io.out(`Taken out: ${name}, which you reach no longer\n`)
  io.out(`Written to ${file}. Try: kubectl --context ${access.contexts[0]?.name ?? ''} get pods\n`)
}

async function readAccess(
  io: Io,
  { api, name, context }: Connected,
  { prefix, cluster: chosen }: KubeconfigOptions,
): Promise<KubeAccess> {
  const reached = await api.kubernetes.clusters({ signal: io.signal })
  const { items, host, tls } = reached
  const unknown = chosen?.find((one) => !items.some((item) => item.name === one))
  if (unknown !== undefined)
    throw new UsageError(
      `there is no cluster ${unknown}, or you have no role that reaches it; there are: ${items.map((item) => item.name).join(', ') || 'none'}`,
    )
  const address = new URL(context.server)
  const isPlain = address.protocol === 'http:'
  // kubectl sends no token without TLS
  if (isPlain && tls === undefined)
    throw new UsageError(
      `${context.server} speaks no https, without which kubectl sends no token; sign in at its https address`,
    )
  if (isPlain) address.protocol = 'https:'
  const authority = isPlain && tls !== undefined ? tls.ca : context.ca
  const clusterOf = (path: string) => ({
    server: `${address.origin === 'null' ? context.server : address.origin}${path}`,
    ...(authority === undefined ? {} : { 'certificate-authority-data': Buffer.from(authority).toString('base64') }),
    ...(isPlain && tls !== undefined ? { 'tls-server-name': tls.serverName } : {}),
  })
  const wanted = items.filter((item) => chosen === undefined || chosen.includes(item.name))
  const contexts = wanted.map((item) => ({
    name: `${prefix}${item.name}`,
    cluster: clusterOf(item.path),
    namespace: item.namespaces[0],
  }))
  if (host !== undefined && chosen === undefined)
    contexts.push({
      name: hostName(
        prefix,
        contexts.map((one) => one.name),
      ),
      cluster: clusterOf(host.path),
      namespace: host.namespaces[0],
    })
  if (contexts.length === 0)
    throw new UsageError('you reach no cluster yet; an administrator can add you to a workspace or a project')
  const own = io.env['FLOTILLA_CONFIG']
  return {
    user: `flotilla:${name}`,
    contexts,
    // who asks for some clusters says nothing of the others
    isGone: chosen === undefined ? isGoneFrom(reached, prefix) : () => false,
    exec: {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: await ownCommand(io),
      args: ['--context', name, 'token'],
      ...(own === undefined || own === ''
        ? {}
        : // kubectl runs it from wherever it is called
          { env: [{ name: 'FLOTILLA_CONFIG', value: resolve(io.cwd, own) }] }),
      interactiveMode: 'Never',
      provideClusterInfo: false,
      installHint: 'This cluster is reached through Flotilla: install its command line, then run flotilla login.',
    },
  }
}

/** Contexts with this prefix of what is reached no longer; those of another prefix are left to a run with that one. */
function isGoneFrom({ items, host }: ReachableClusters, prefix: string): KubeAccess['isGone'] {
  const ofHost = hostName(prefix, [])
  return (name, server) => {
    const cluster = /\/clusters\/([^/]+)$/.exec(server)?.[1]
    if (cluster !== undefined) return name === `${prefix}${cluster}` && !items.some((item) => item.name === cluster)
    return host === undefined && (name === ofHost || name === `${ofHost}-host`)
  }
}

/** `flotilla` for contexts that begin with `flotilla-`. */
function hostName(prefix: string, taken: readonly string[]): string {
  const name = prefix.replace(/-$/, '') || 'flotilla'
  return taken.includes(name) ? `${name}-host` : name
}

/** `flotilla` where that is this very program, else the path of this one. */
async function ownCommand({ env }: Io): Promise<string> {
  const own = env['FLOTILLA_COMMAND']
  if (own === undefined) return 'flotilla'
  for (const dir of (env['PATH'] ?? '').split(delimiter)) {
    const found = await realpath(join(dir, 'flotilla')).catch(() => undefined)
    if (found !== undefined) return found === (await realpath(own).catch(() => own)) ? 'flotilla' : own
  }
  return own
}

/** As kubectl chooses: --file, the first of KUBECONFIG that is there, else ~/.kube/config. */
async function chooseFile({ env }: Io, wanted: string | undefined): Promise<string> {
  if (wanted !== undefined) return wanted
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter(Boolean)
  for (const file of listed) if ((await stat(file).catch(() => undefined)) !== undefined) return file
  return listed.at(-1) ?? join(env['HOME'] ?? homedir(), '.kube', 'config')
}

const lockTriesMs = 100
const lockTries = 50

/** kubectl keeps others out of the file by FILE.lock, and so do we. */
async function withKubectlLock<T>(file: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const lock = `${file}.lock`
  for (let attempt = 0; ; attempt++) {
    signal.throwIfAborted()
    try {
      await (await open(lock, 'wx')).close()
      break
    } catch (thrown) {
      if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST')) throw thrown
      if (attempt === lockTries)
        throw new UsageError(`${lock} is there: another program writes the file; remove it when none does`)
      await new Promise((resolve) => setTimeout(resolve, lockTriesMs))
    }
  }
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}

function ifAbsent(thrown: unknown): string {
  if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return ''
  throw thrown
}
