import { setTimeout as sleep } from 'node:timers/promises'
import type { ApiClient, Invitation } from '@flotilla/api'
import { NotAsWanted, UsageError } from '../exit.ts'
import type { Io } from '../io.ts'
import { neutraliseLine } from '../print/neutralise.ts'
import { type OutputForm, printResult } from '../print/result.ts'
import { connect } from '../settings/connect.ts'
import { onlySet, parseLabels } from './cluster.ts'

interface InviteOptions {
  readonly context?: string
  readonly print: 'command' | 'manifest' | 'values'
  readonly image?: string
}

export interface AddAgentOptions extends InviteOptions {
  readonly output: OutputForm
  readonly label?: readonly string[]
  readonly displayName?: string
  readonly edge?: boolean
  readonly wait: boolean
  readonly kubeconfig?: string
}

const lookMs = 1_000
/** As long as the printed command can be run. */
const longestWaitMs = 60 * 60_000
const toldEveryMs = 30_000

/** Prints what starts the agent, and waits until the cluster is connected. */
export async function addAgentCluster(io: Io, name: string, options: AddAgentOptions): Promise<void> {
  if (options.kubeconfig !== undefined)
    throw new UsageError('a cluster is added by --kubeconfig or by --agent, not both')
  const { api } = await connect(io, options.context)
  const labels = parseLabels(options.label ?? [])
  const added = await api.agents.add({
    body: {
      name,
      ...(Object.keys(labels).length === 0 ? {} : { labels: onlySet(labels) }),
      ...(options.displayName === undefined ? {} : { displayName: options.displayName }),
      edge: options.edge === true,
      form: options.print,
      ...(options.image === undefined ? {} : { image: options.image }),
    },
    signal: io.signal,
  })
  if (options.output !== 'table') return await printResult(io, options.output, added)
  printInvitation(io, name, added)
  // who applies it through a pipe waits for its end
  if (options.wait && options.print === 'command') await untilConnected(io, api, name)
}

export interface TokenOptions extends InviteOptions {
  readonly rotate?: true
  readonly revoke?: true
}

export async function tokenOfCluster(io: Io, name: string, options: TokenOptions): Promise<void> {
  if (options.rotate === true && options.revoke === true)
    throw new UsageError('--rotate and --revoke exclude each other')
  const { api } = await connect(io, options.context)
  const ask = { params: { cluster: name }, signal: io.signal }
  if (options.rotate === true) {
    await api.agents.rotate({ ...ask, body: {} })
    return io.out(`The agent of ${name} has another token; the one before ends with its first use\n`)
  }
  if (options.revoke === true) {
    await api.agents.revoke({ ...ask, body: {} })
    return io.out(`The agent of ${name} has no token that is good any longer\n`)
  }
  const body = { form: options.print, ...(options.image === undefined ? {} : { image: options.image }) }
  printInvitation(io, name, await api.agents.invite({ ...ask, body }))
}

/** The command, or the manifest, alone on standard output: that is what a pipe is to get. */
function printInvitation(io: Io, name: string, { command, manifest, expiresAt }: Invitation): void {
  if (manifest !== undefined) return io.out(manifest)
  io.err(`Run where kubectl reaches ${name}, once, before ${neutraliseLine(expiresAt ?? '')}:\n\n`)
  io.out(`${neutraliseLine(command ?? '')}\n`)
  io.err('\n')
}

async function untilConnected(io: Io, api: ApiClient, name: string): Promise<void> {
  const began = io.now()
  let told = began
  io.err(`Waiting for the agent of ${name} (Ctrl-C leaves it at that) ...\n`)
  for (;;) {
    const { connection } = await api.clusters.get({ params: { cluster: name }, signal: io.signal })
    if (connection.state === 'connected')
      return io.err(`Cluster ${name} is connected, Kubernetes ${neutraliseLine(connection.version)}\n`)
    const now = io.now()
    if (now - began > longestWaitMs) throw new NotAsWanted(`The agent of ${name} did not connect within an hour`)
    if (now - told > toldEveryMs) {
      told = now
      const why = connection.state === 'lost' ? neutraliseLine(connection.reason) : 'not yet'
      io.err(`  after ${Math.round((now - began) / 1000)} s: ${why}\n`)
    }
    await sleep(lookMs, undefined, { signal: io.signal })
  }
}
