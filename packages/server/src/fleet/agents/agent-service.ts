import { createHash, X509Certificate } from 'node:crypto'
import type { Log } from '@flotilla/engine'
import type { Identity, KubeClient } from '@flotilla/kube'
import { apiVersion, asFlotillaError, Cluster, FlotillaError, parseInput } from '@flotilla/model'
import type { Invitation, RouteBody } from '@flotilla/api'
import { stringify } from 'yaml'
import type { HostState } from '../host-state.ts'
import type { AgentKeyStore } from './agent-key-store.ts'
import type { AgentTunnels } from './agent-tunnels.ts'
import { computeJoinObjects, computeJoinValues, type JoinOptions } from './join-manifest.ts'

/** Clusters that an agent connects: what people may do with them. */
export interface AgentService {
  add(input: RouteBody<'agents.add'>, by: Identity, signal: AbortSignal): Promise<{ cluster: Cluster } & Invitation>
  invite(cluster: string, input: RouteBody<'agents.invite'>, signal: AbortSignal): Promise<Invitation>
  /** The agent gets another token over its tunnel. */
  rotate(cluster: string, signal: AbortSignal): Promise<void>
  revoke(cluster: string, signal: AbortSignal): Promise<void>
  /** Whether the agent's tunnels are open; undefined for a cluster that is dialled. */
  isConnected(cluster: string): boolean | undefined
  /** The manifest for a code that was given out, as YAML; undefined for one that is not good. */
  redeem(code: string, signal: AbortSignal): Promise<string | undefined>
}

/** By what an agent knows the server, now: its authority, and where it is the server's own its certificate and name. */
export type AgentTrust = () => {
  readonly ca: string
  readonly cert?: string | undefined
  readonly serverName?: string | undefined
}

export interface AgentServiceOptions {
  readonly host: KubeClient
  readonly state: Pick<HostState, 'clusters'>
  readonly keys: AgentKeyStore
  readonly tunnels: AgentTunnels
  /** Where agents and people reach this server; undefined when nobody else does. */
  readonly publicUrl: URL | undefined
  /** Where the usual authorities do not vouch for the server. */
  readonly trust: AgentTrust | undefined
  readonly image: string
  readonly log: Log
}

export const manifestPath = '/agent/v1/manifest/'

export function createAgentService(options: AgentServiceOptions): AgentService {
  const { host, state, keys, tunnels, log } = options

  function demandUrl(): URL {
    if (options.publicUrl !== undefined) return options.publicUrl
    throw new FlotillaError('input.invalid', {
      message: 'At which address agents reach this server is not said',
      field: '--public-url',
      remedy: 'Start the server with --public-url https://HOST[:PORT], an address that other clusters reach.',
    })
  }

  function demandAgentCluster(name: string): void {
    const found = state.clusters.get('', name)
    if (found === undefined)
      throw new FlotillaError('cluster.not_found', {
        message: `There is no cluster ${name}`,
        field: 'cluster',
        value: name,
      })
    if (found.spec.connection.type !== 'agent')
      throw new FlotillaError('request.conflict', {
        message: `Cluster ${name} is reached directly; no agent connects it`,
        field: 'cluster',
        value: name,
      })
  }

  const joinOptions = (cluster: string, token: string, image: string | undefined): JoinOptions => {
    const trust = options.trust?.()
    return {
      cluster,
      token,
      server: demandUrl().origin,
      image: image ?? options.image,
      tls: trust === undefined ? undefined : { ca: trust.ca, serverName: trust.serverName },
    }
  }
  const manifestOf = (join: JoinOptions): string =>
    computeJoinObjects(join)
      .map((object) => stringify(object))
      .join('---\n')

  /** Whoever runs it trusts the server's own key, and nobody else's, without a file. */
  function commandFor(code: string): string {
    const cert = options.trust?.().cert
    const pin = cert === undefined ? '' : ` --insecure --pinnedpubkey 'sha256//${publicKeyHash(cert)}'`
    return `curl -fsSL${pin} ${demandUrl().origin}${manifestPath}${code} | kubectl apply -f -`
  }

  async function invite(
    cluster: string,
    { form, image }: RouteBody<'agents.invite'>,
    signal: AbortSignal,
  ): Promise<Invitation> {
    demandUrl()
    if (form === 'manifest' || form === 'values') {
      const join = joinOptions(cluster, await keys.issue(cluster, signal), image)
      return { manifest: form === 'manifest' ? manifestOf(join) : stringify(computeJoinValues(join)) }
    }
    const { code, expiresAt } = await keys.invite(cluster, image, signal)
    return { command: commandFor(code), expiresAt }
  }

  return {
    add: async (input, by, signal) => {
      demandUrl()
      const { name, labels, displayName, edge } = input
      const object = {
        apiVersion,
        kind: 'Cluster',
        metadata: { name, ...(labels === undefined ? {} : { labels }) },
        spec: { ...(displayName === undefined ? {} : { displayName }), connection: { type: 'agent' }, edge },
      }
      const created = await host
        .as(by)
        .create(object, { signal })
        .catch((thrown: unknown) => {
          throw asFlotillaError(thrown).code === 'kube.conflict' ? taken(name) : thrown
        })
      log.info('cluster added', { cluster: name, by: by.user, connection: 'agent' })
      return { cluster: parseInput(Cluster, created, 'internal'), ...(await invite(name, input, signal)) }
    },
    invite: async (cluster, input, signal) => {
      demandAgentCluster(cluster)
      return await invite(cluster, input, signal)
    },
    rotate: async (cluster, signal) => {
      demandAgentCluster(cluster)
      if (!tunnels.isConnected(cluster))
        throw new FlotillaError('cluster.unreachable', {
          message: `The agent of cluster ${cluster} is not connected, so it cannot be given another token`,
          remedy: `Without --rotate the command gives what starts it anew.`,
        })
      try {
        await tunnels.renewToken(cluster, await keys.issue(cluster, signal), signal)
      } catch (thrown) {
        throw new FlotillaError('cluster.unreachable', {
          message: `The agent of cluster ${cluster} did not keep the new token; the one that it has stays good`,
          remedy: 'Its log says why: kubectl -n flotilla-system logs deploy/flotilla-agent',
          cause: thrown,
        })
      }
      log.info('agent token renewed', { cluster })
    },
    revoke: async (cluster, signal) => {
      demandAgentCluster(cluster)
      await keys.revoke(cluster, signal)
      log.info('agent token revoked', { cluster })
    },
    isConnected: (cluster) =>
      state.clusters.get('', cluster)?.spec.connection.type === 'agent' ? tunnels.isConnected(cluster) : undefined,
    redeem: async (code, signal) => {
      const redeemed = await keys.redeem(code, signal)
      if (redeemed === undefined) return undefined
      log.info('agent manifest given out', { cluster: redeemed.cluster })
      return manifestOf(joinOptions(redeemed.cluster, redeemed.token, redeemed.image))
    },
  }
}

/** As curl's --pinnedpubkey has it. */
function publicKeyHash(cert: string): string {
  const key = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(key).digest('base64')
}

const taken = (name: string): FlotillaError =>
  new FlotillaError('request.conflict', {
    message: `There is a cluster ${name} already`,
    remedy: `Choose another name; for one that waits for its agent: flotilla cluster token ${name}`,
    field: 'name',
    value: name,
  })
