import type { Log } from '@flotilla/engine'
import type { Clock, KubeClient } from '@flotilla/kube'
import { version } from '../../version.ts'
import type { HostState } from '../host-state.ts'
import { type AgentDoor, createAgentDoor } from './agent-door.ts'
import { createAgentKeyStore } from './agent-key-store.ts'
import { type AgentService, type AgentTrust, createAgentService } from './agent-service.ts'
import { type AgentTunnels, createAgentTunnels, notConnectedText } from './agent-tunnels.ts'

export interface Agents {
  readonly tunnels: AgentTunnels
  readonly service: AgentService
  readonly door: AgentDoor
  /** What is to be told of a cluster whose agent has not come. */
  readonly missing: string
  synced(signal: AbortSignal): Promise<void>
}

export interface OpenAgentsOptions {
  readonly host: KubeClient
  readonly state: Pick<HostState, 'clusters'>
  /** Where the usual authorities do not vouch for the server. */
  readonly trust: AgentTrust | undefined
  readonly publicUrl: URL | undefined
  /** The image of agents, where it is not the usual one. */
  readonly image: string | undefined
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

/** All that the server has to do with agents: their keys, their tunnels, where they come in, and what people do. */
export function openAgents({ host, state, trust, publicUrl, image, clock, log, signal }: OpenAgentsOptions): Agents {
  const port = Number(publicUrl === undefined || publicUrl.port === '' ? 443 : publicUrl.port)
  const keys = createAgentKeyStore({ host, clock, signal })
  const tunnels = createAgentTunnels({ clock, log, port })
  keys.onChange((cluster) => tunnels.endUnless(cluster, (hash) => keys.isGood(cluster, hash)))
  // one of the same name that is added later has nothing to do with it
  state.clusters.onChange((key, cluster) => {
    if (cluster === undefined && !state.clusters.unreadable.has(key)) tunnels.forget(key.slice(1))
  })
  return {
    tunnels,
    missing: notConnectedText(port),
    synced: (until) => keys.synced(until),
    door: createAgentDoor({ keys, tunnels, findCluster: (name) => state.clusters.get('', name), log, signal }),
    service: createAgentService({
      host,
      state,
      keys,
      tunnels,
      publicUrl,
      trust,
      image: image ?? `flotilla/agent:${version}`,
      log,
    }),
  }
}
