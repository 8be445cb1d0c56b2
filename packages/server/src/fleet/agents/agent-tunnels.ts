import type { Duplex } from 'node:stream'
import type { Log } from '@flotilla/engine'
import type { Clock, Connect, Purpose } from '@flotilla/kube'
import { FlotillaError } from '@flotilla/model'
import { type ServerTunnel, type TunnelClass, tunnelClasses } from '@flotilla/tunnel'
import { type MemberAccount, readAccounts } from './member-accounts.ts'

/** The tunnels that are open now, and what their agents told. */
export interface AgentTunnels {
  /** Which epoch a tunnel would have; undefined when a newer agent of the cluster is connected. */
  admit(cluster: string, epoch: number): number | undefined
  /** What is open of this agent was proven anew, with another key. */
  proven(cluster: string, epoch: number, keyHash: string): void
  /** Takes a tunnel in; an older one of the same cluster and class is fenced. One without a key ends in another server, which judges it. */
  take(tunnel: ServerTunnel, of: HeldTunnel & { keyHash: string | undefined }): void
  /** Those that end here. */
  held(): readonly HeldTunnel[]
  find(tunnel: HeldTunnel): ServerTunnel | undefined
  /** Whether one that ends in another server is newer than all that is known here. */
  wants(tunnel: HeldTunnel): boolean
  /** Sockets to the API server of a cluster, through whatever tunnel is open when one is needed. */
  connectTo(cluster: string): Connect
  /** What the agent of the cluster told last; it stays while the agent is away. */
  account(cluster: string): MemberAccount | undefined
  isConnected(cluster: string): boolean
  /** Ends what may no longer be. */
  endUnless(cluster: string, isGood: (keyHash: string) => boolean): void
  /** Gives the agent a new token to keep. */
  renewToken(cluster: string, token: string, signal: AbortSignal): Promise<void>
  forget(cluster: string): void
  onChange(listener: (cluster: string) => void): () => void
  close(): void
}

export interface HeldTunnel {
  readonly cluster: string
  readonly class: TunnelClass
  readonly epoch: number
}

interface Open {
  readonly tunnel: ServerTunnel
  readonly epoch: number
  /** Undefined where it ends in another server. */
  readonly keyHash: string | undefined
}

interface Agent {
  readonly open: Map<TunnelClass, Open>
  account: MemberAccount | undefined
}

export interface AgentTunnelsOptions {
  readonly clock: Pick<Clock, 'now'>
  readonly log: Log
  /** Where agents dial, for the operator who is told that none does. */
  readonly port: number
}

export function createAgentTunnels({ clock, log, port }: AgentTunnelsOptions): AgentTunnels {
  const agents = new Map<string, Agent>()
  const listeners = new Set<(cluster: string) => void>()
  let lastEpoch = 0
  const tell = (cluster: string): void => listeners.forEach((listener) => listener(cluster))
  const agentOf = (cluster: string): Agent => {
    const known = agents.get(cluster)
    if (known !== undefined) return known
    const made: Agent = { open: new Map(), account: undefined }
    agents.set(cluster, made)
    return made
  }

  /** The account comes over the tunnel in which nothing else is much. */
  async function follow(cluster: string, tunnel: ServerTunnel): Promise<void> {
    for await (const account of readAccounts(tunnel)) {
      if (agents.get(cluster)?.open.get('interactive')?.tunnel !== tunnel) return
      agentOf(cluster).account = account
      tell(cluster)
    }
  }

  return {
    admit: (cluster, epoch) => {
      const newest = Math.max(0, ...[...(agents.get(cluster)?.open.values() ?? [])].map((one) => one.epoch))
      if (epoch === 0) {
        lastEpoch = Math.max(lastEpoch + 1, newest + 1, clock.now())
        return lastEpoch
      }
      lastEpoch = Math.max(lastEpoch, epoch)
      return epoch < newest ? undefined : epoch
    },
    proven: (cluster, epoch, keyHash) => {
      const open = agents.get(cluster)?.open
      for (const [name, one] of open ?? [])
        if (one.epoch === epoch && one.keyHash !== undefined) open?.set(name, { ...one, keyHash })
    },
    take: (tunnel, { cluster, epoch, keyHash, class: ofClass }) => {
      const { open } = agentOf(cluster)
      // also of the other class: it is of an agent that was replaced
      for (const [name, one] of open)
        if (name === ofClass || one.epoch < epoch) {
          open.delete(name)
          one.tunnel.end('fenced')
        }
      open.set(ofClass, { tunnel, epoch, keyHash })
      log.info('tunnel open', { cluster, class: ofClass, epoch, here: keyHash !== undefined })
      void tunnel.ended.then((reason) => {
        log.info('tunnel ended', { cluster, class: ofClass, epoch, reason })
        if (open.get(ofClass)?.tunnel === tunnel) open.delete(ofClass)
        return tell(cluster)
      })
      if (ofClass === 'interactive')
        follow(cluster, tunnel).catch((thrown: unknown) => {
          log.warn('agent told no account', { cluster, reason: thrown instanceof Error ? thrown.message : 'unknown' })
          // without it the tunnel is good for nothing; the agent dials again
          tunnel.end('stopping')
        })
      tell(cluster)
    },
    held: () =>
      [...agents].flatMap(([cluster, { open }]) =>
        [...open].flatMap(([ofClass, { epoch, keyHash }]) =>
          keyHash === undefined ? [] : [{ cluster, class: ofClass, epoch }],
        ),
      ),
    find: ({ cluster, class: ofClass, epoch }) => {
      const found = agents.get(cluster)?.open.get(ofClass)
      return found?.keyHash !== undefined && found.epoch === epoch ? found.tunnel : undefined
    },
    wants: ({ cluster, class: ofClass, epoch }) => {
      const open = agents.get(cluster)?.open
      const newest = Math.max(0, ...[...(open?.values() ?? [])].map((one) => one.epoch))
      return epoch > newest || (epoch === newest && open?.has(ofClass) !== true)
    },
    connectTo: (cluster) => {
      const dial = async (purpose: Purpose, signal: AbortSignal): Promise<Duplex> => {
        const tunnel = agents.get(cluster)?.open.get(purpose)?.tunnel
        if (tunnel === undefined) throw notConnected(cluster, port)
        return await tunnel.dial(signal)
      }
      return ({ purpose, signal }) => dial(purpose, signal)
    },
    account: (cluster) => agents.get(cluster)?.account,
    isConnected: (cluster) => agents.get(cluster)?.open.size === tunnelClasses.length,
    endUnless: (cluster, isGood) => {
      for (const { tunnel, keyHash } of agents.get(cluster)?.open.values() ?? [])
        if (keyHash !== undefined && !isGood(keyHash)) tunnel.end('revoked')
    },
    renewToken: async (cluster, token, signal) => {
      const tunnel = agents.get(cluster)?.open.get('interactive')?.tunnel
      if (tunnel === undefined) throw notConnected(cluster, port)
      const answer = await tunnel.ask({ method: 'PUT', path: '/v1/token', body: token }, signal)
      answer.resume()
    },
    forget: (cluster) => {
      for (const { tunnel } of agents.get(cluster)?.open.values() ?? []) tunnel.end('revoked')
      agents.delete(cluster)
    },
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => {
      for (const { open } of agents.values()) for (const { tunnel } of open.values()) tunnel.end('stopping')
    },
  }
}

export const notConnectedText = (port: number): string =>
  `The agent has not connected; check that this cluster can reach the server on port ${port}`

function notConnected(cluster: string, port: number): FlotillaError {
  return new FlotillaError('cluster.unreachable', {
    message: `${notConnectedText(port)}.`,
    remedy: `In the cluster: kubectl -n flotilla-system logs deploy/flotilla-agent. flotilla cluster token ${cluster} gives the command to start it again.`,
  })
}
