import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { FlotillaError } from '@flotilla/model'
import { type ServerTunnel, TunnelError } from '@flotilla/tunnel'
import { refuseUpgrade } from '../../refuse-upgrade.ts'
import { relayHeader, relayPath, relayProtocol } from './relayed-tunnel.ts'
import type { HeldTunnel } from '../agents/agent-tunnels.ts'
import type { ReplicaTokens } from './replica-token.ts'

export interface RelayDoorOptions {
  readonly tokens: ReplicaTokens
  /** A tunnel that ends here; undefined when it does not, or no more. */
  readonly find: (tunnel: HeldTunnel) => ServerTunnel | undefined
}

/** Gives other servers of the same database streams through the tunnels that end here. Says whether it took the upgrade. */
export function createRelayDoor({ tokens, find }: RelayDoorOptions) {
  async function enter({ headers }: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const said = (name: string): string => {
      const value = headers[name]
      return typeof value === 'string' ? value : ''
    }
    const { authorization = '' } = headers
    if (!tokens.verify(authorization.replace(/^Bearer /, '')))
      return refuseUpgrade(
        socket,
        new FlotillaError('auth.failed', { message: 'This address is for servers of this Flotilla' }),
      )
    const gone = new AbortController()
    socket.once('close', () => gone.abort(new Error('the other server hung up')))
    try {
      const ofClass = said(relayHeader.class) === 'bulk' ? 'bulk' : 'interactive'
      const tunnel = find({
        cluster: said(relayHeader.cluster),
        class: ofClass,
        epoch: Number(said(relayHeader.epoch)),
      })
      if (tunnel === undefined) throw new TunnelError('ECONNRESET', 'the tunnel does not end here')
      const stream = await open(tunnel, said(relayHeader.ask), said(relayHeader.body), gone.signal)
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: ${relayProtocol}\r\n\r\n`)
      if (head.length > 0) stream.write(head)
      join(socket, stream)
      join(stream, socket)
    } catch (thrown) {
      const code = thrown instanceof TunnelError ? thrown.code : 'EIO'
      socket.end(
        `HTTP/1.1 502 Bad Gateway\r\n${relayHeader.reason}: ${code}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
      )
    }
  }

  return {
    upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer): boolean => {
      if ((request.url ?? '').split('?', 1)[0] !== relayPath) return false
      socket.on('error', () => undefined)
      void enter(request, socket, head)
      return true
    },
  }
}

/** What one side sends goes to the other; where it breaks off, so does the other. */
function join(from: Duplex, to: Duplex): void {
  from.pipe(to)
  from.on('error', () => to.destroy())
  from.once('close', () => (from.readableEnded ? undefined : to.destroy()))
}

function open(tunnel: ServerTunnel, ask: string, body: string, signal: AbortSignal): Promise<Duplex> {
  if (ask === 'dial') return tunnel.dial(signal)
  const [method, path = ''] = ask.split(' ')
  if (method !== 'GET' && method !== 'PUT') throw new TunnelError('EPROTO', 'no question of this version')
  return tunnel.ask({ method, path, body: Buffer.from(body, 'base64url').toString() }, signal)
}
