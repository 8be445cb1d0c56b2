import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Log } from '@flotilla/engine'
import { asFlotillaError, type Cluster, FlotillaError } from '@flotilla/model'
import {
  createTunnelAcceptor,
  parseTunnelRequest,
  type TunnelLimits,
  tunnelPath,
  type TunnelRequest,
} from '@flotilla/tunnel'
import { refuseUpgrade } from '../../refuse-upgrade.ts'
import type { AgentKeyStore } from './agent-key-store.ts'
import { hashOfKey } from './agent-secret.ts'
import type { AgentTunnels } from './agent-tunnels.ts'

/** Where agents come in. */
export interface AgentDoor {
  /** Takes upgrades at the address of tunnels, and says whether it did. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
}

export interface AgentDoorOptions {
  readonly keys: AgentKeyStore
  readonly tunnels: AgentTunnels
  readonly findCluster: (name: string) => Cluster | undefined
  readonly log: Log
  readonly signal: AbortSignal
  readonly limits?: TunnelLimits | undefined
}

/** Handshakes under way at the same time; an agent that is sent away comes back a moment later. */
const mostHandshakes = 64

export function createAgentDoor({ keys, tunnels, findCluster, log, signal, limits }: AgentDoorOptions): AgentDoor {
  const acceptor = createTunnelAcceptor(limits)
  let handshakes = 0

  function judge(asked: TunnelRequest | undefined): TunnelRequest {
    if (asked === undefined)
      throw new FlotillaError('input.invalid', { message: 'This is no request of an agent of this version' })
    const cluster = keys.clusterOf(asked.token)
    // of somebody else's cluster not even whether it exists is told
    if (cluster !== asked.cluster) {
      log.warn('agent refused', {
        cluster: asked.cluster,
        reason: cluster === undefined ? 'token' : 'token of another',
      })
      throw new FlotillaError('auth.failed', { message: 'The token is not good for this cluster' })
    }
    const found = findCluster(cluster)
    if (found === undefined || found.spec.connection.type !== 'agent' || found.metadata.deletionTimestamp !== undefined)
      throw new FlotillaError('auth.forbidden', { message: 'This cluster is not one that an agent connects' })
    return asked
  }

  async function enter(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const asked = judge(parseTunnelRequest(request))
    const { cluster } = asked
    const epoch = tunnels.admit(cluster, asked.epoch)
    if (epoch === undefined)
      throw new FlotillaError('request.conflict', { message: 'A newer agent of this cluster is connected' })
    const keyHash = hashOfKey(asked.token)
    // of the same process, which now has another key: what it has open stays
    tunnels.proven(cluster, epoch, keyHash)
    // written before it counts: who has the older one is out from now on
    await keys.used(cluster, keyHash, signal)
    const tunnel = await acceptor.accept({ request, socket, head }, { epoch })
    if (tunnel === undefined) return
    // meanwhile a newer one may have come in, or the token may have been taken away
    if (!keys.isGood(cluster, keyHash)) return tunnel.end('revoked')
    if (tunnels.admit(cluster, epoch) === undefined) return tunnel.end('fenced')
    tunnels.take(tunnel, { cluster, class: asked.class, epoch, keyHash })
  }

  return {
    upgrade: (request, socket, head) => {
      if ((request.url ?? '').split('?', 1)[0] !== tunnelPath) return false
      socket.on('error', () => undefined)
      if (signal.aborted || handshakes >= mostHandshakes) {
        refuseUpgrade(socket, new FlotillaError('server.busy', { message: 'Try again in a moment', retryAfter: 2 }))
        return true
      }
      handshakes++
      enter(request, socket, head)
        .catch((thrown: unknown) => refuseUpgrade(socket, asFlotillaError(thrown)))
        .finally(() => handshakes--)
      return true
    },
  }
}
