import type { Log } from '@flotilla/engine'
import type { Clock, KubeClient } from '@flotilla/kube'
import type { AgentTunnels, HeldTunnel } from '../agents/agent-tunnels.ts'
import { createRelayDoor } from './relay-door.ts'
import { createRelayedTunnel, type PeerTrust, type RelayedTunnel } from './relayed-tunnel.ts'
import { createReplicaRegistry } from './replica-registry.ts'
import { createReplicaTokens } from './replica-token.ts'

export interface OpenReplicasOptions {
  readonly host: KubeClient
  readonly tunnels: AgentTunnels
  /** Names this process for its life. */
  readonly name: string
  /** `host:port` at which other servers reach this one. */
  readonly address: string
  /** The store's key, which every server has. */
  readonly key: Uint8Array
  readonly trust: () => PeerTrust | Promise<PeerTrust>
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

const againMs = 1_000

/**
 * Several servers on one database: an agent dials one of them, and the others go through that one. A tunnel that ends in
 * another server is taken in like one that ends here, so nothing else needs to know the difference.
 */
export function openReplicas(options: OpenReplicasOptions) {
  const { host, tunnels, name, address, key, trust, clock, log, signal } = options
  const tokens = createReplicaTokens({ key, clock })
  const registry = createReplicaRegistry({ host, name, address, clock, log, signal })
  const relayed = new Map<string, RelayedTunnel>()
  const keyOf = (at: string, { cluster, class: ofClass, epoch }: HeldTunnel): string =>
    `${at} ${cluster} ${ofClass} ${epoch}`

  function follow(): void {
    if (signal.aborted) return
    const there = new Map(
      registry.others().flatMap((other) => other.tunnels.map((one) => [keyOf(other.address, one), { other, one }])),
    )
    for (const [known, tunnel] of relayed) if (!there.has(known)) tunnel.end('lost')
    for (const [found, { other, one }] of there) {
      if (relayed.has(found) || !tunnels.wants(one)) continue
      const tunnel = createRelayedTunnel({ tunnel: one, address: other.address, tokens, trust })
      relayed.set(found, tunnel)
      void tunnel.ended.then(() => forget(found))
      tunnels.take(tunnel, { ...one, keyHash: undefined })
    }
  }
  /** A server that does not answer although it is said to live is not asked again at once. */
  async function forget(found: string): Promise<void> {
    await clock.sleep(againMs, signal).catch(() => 'ends')
    relayed.delete(found)
    follow()
  }
  registry.onChange(follow)
  tunnels.onChange(() => {
    registry.publish(tunnels.held())
    // one that ended here may have come back elsewhere
    follow()
  })

  return {
    door: createRelayDoor({ tokens, find: (one) => tunnels.find(one) }),
    close: () => registry.close(),
  }
}
