import { X509Certificate } from 'node:crypto'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { request, type RequestOptions } from 'node:https'
import type { Duplex } from 'node:stream'
import { type ServerTunnel, TunnelError } from '@flotilla/tunnel'
import type { HeldTunnel } from '../agents/agent-tunnels.ts'
import type { ReplicaTokens } from './replica-token.ts'

/** Where servers ask each other for a stream through a tunnel: an upgrade, after which bytes pass as they are. */
export const relayPath = '/replica/v1/stream'
export const relayProtocol = 'flotilla-relay.v1'
export const relayHeader = {
  cluster: 'flotilla-cluster',
  class: 'flotilla-tunnel-class',
  epoch: 'flotilla-tunnel-epoch',
  /** `dial`, or method and path of a question to the agent. */
  ask: 'flotilla-ask',
  /** Base64url; it may be a secret, which an address must not hold. */
  body: 'flotilla-body',
  reason: 'flotilla-reason',
} as const

/** How another server is known. */
export type PeerTrust =
  /** `ca` in PEM: the authority of the servers' own certificate, which has the name `serverName`. */
  | { readonly ca: string; readonly serverName: string }
  /** PEM of each that it may show: itself, whatever names are in it, and nothing that somebody else vouches for. */
  | { readonly certificates: readonly string[] }

export interface RelayOptions {
  readonly tunnel: HeldTunnel
  readonly address: string
  readonly tokens: ReplicaTokens
  /** Asked for each connection, as certificates are renewed. */
  readonly trust: () => PeerTrust | Promise<PeerTrust>
}

type EndReason = Awaited<ServerTunnel['ended']>

export interface RelayedTunnel extends ServerTunnel {
  /** For this server alone: in the other one it stays. */
  end(reason: EndReason): void
}

const answerMs = 10_000

/** A tunnel of another server, used as if it ended here: each connection is one to that server. */
export function createRelayedTunnel({ tunnel, address, tokens, trust }: RelayOptions): RelayedTunnel {
  const end = Promise.withResolvers<EndReason>()
  const open = new Set<Duplex>()
  let isOpen = true
  const finish = (reason: EndReason): void => {
    if (!isOpen) return
    isOpen = false
    for (const stream of open) stream.destroy()
    end.resolve(reason)
  }

  async function relay(ask: string, signal: AbortSignal, body?: string): Promise<Duplex> {
    if (!isOpen) throw new TunnelError('ECONNRESET', 'the tunnel has ended')
    const [host, port] = splitAddress(address)
    const peer = await trust()
    const asked = request({
      host,
      port,
      path: relayPath,
      agent: false,
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
      ...identityOf(peer),
      headers: {
        authorization: `Bearer ${tokens.issue()}`,
        connection: 'upgrade',
        upgrade: relayProtocol,
        [relayHeader.cluster]: tunnel.cluster,
        [relayHeader.class]: tunnel.class,
        [relayHeader.epoch]: String(tunnel.epoch),
        [relayHeader.ask]: ask,
        ...(body === undefined ? {} : { [relayHeader.body]: Buffer.from(body).toString('base64url') }),
      },
    })
    asked.end()
    const stream = await answerOf(asked)
    open.add(stream)
    stream.once('close', () => open.delete(stream))
    if (!isOpen) stream.destroy()
    return stream
  }

  return {
    ended: end.promise,
    get isOpen() {
      return isOpen
    },
    get load() {
      return { streams: open.size, bufferedBytes: 0 }
    },
    dial: (signal) => relay('dial', signal),
    ask: ({ method, path, body }, signal) => relay(`${method} ${path}`, signal, body),
    end: finish,
  }
}

function identityOf(peer: PeerTrust): RequestOptions {
  if (!('certificates' in peer)) return { ca: peer.ca, servername: peer.serverName }
  const known = new Set(peer.certificates.map((pem) => new X509Certificate(pem).fingerprint256))
  return {
    ca: [...peer.certificates],
    // the certificate itself is what is trusted, not who signed it
    allowPartialTrustChain: true,
    checkServerIdentity: (_name, { fingerprint256 }) =>
      known.has(fingerprint256) ? undefined : new Error('it shows another certificate than the servers were given'),
  }
}

function splitAddress(address: string): [string, number] {
  const url = new URL(`https://${address}`)
  return [url.hostname.replace(/^\[|\]$/g, ''), Number(url.port === '' ? 443 : url.port)]
}

function answerOf(asked: ClientRequest): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    asked.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new TunnelError(error.code ?? 'ECONNRESET', 'the server that holds the tunnel was not reached', {
          cause: error,
        }),
      ),
    )
    asked.once('response', (answer: IncomingMessage) => {
      answer.resume()
      const reason = answer.headers[relayHeader.reason]
      const code = typeof reason === 'string' ? reason : 'ECONNREFUSED'
      reject(new TunnelError(code, `the server that holds the tunnel refused: ${code}`))
    })
    asked.once('upgrade', (_answer: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (head.length > 0) socket.unshift(head)
      socket.on('error', () => undefined)
      resolve(socket)
    })
  })
}
