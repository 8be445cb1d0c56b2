import { isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { WebSocket } from 'ws'
import { connectThrough, findProxy } from './proxy.ts'
import { type AgentTunnel, serveTunnel, type ServeTunnelOptions } from './agent-tunnel.ts'
import { codeOf, TunnelError } from './tunnel-error.ts'
import { header, maxFrameBytes, subprotocol, type TunnelClass, tunnelPath } from './wire.ts'

export interface DialOptions extends ServeTunnelOptions {
  /** Origin of the server, https://host[:port]. */
  readonly server: URL
  /** The only authority that counts, when there is one; else those that everybody trusts. */
  readonly caPem?: string | undefined
  /** Name to ask for and to verify, when it is not the server's host. */
  readonly serverName?: string | undefined
  readonly token: string
  readonly cluster: string
  readonly class: TunnelClass
  readonly version: string
  readonly epoch: number
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
}

const handshakeMs = 20_000

/** Dials out, and serves what the server asks for. Errors: TunnelError, with `status` where the server answered. */
export async function dialTunnel(options: DialOptions): Promise<{ tunnel: AgentTunnel; epoch: number }> {
  const { server, token, signal, serverName } = options
  const host = server.hostname.replace(/^\[|\]$/g, '')
  const secure = server.protocol === 'https:'
  const port = Number(server.port === '' ? (secure ? 443 : 80) : server.port)
  const proxy = secure ? findProxy(server, options.env) : undefined
  const late = AbortSignal.any([signal, AbortSignal.timeout(handshakeMs)])
  const through = proxy === undefined ? undefined : await connectThrough(proxy, { host, port }, late)
  const name = serverName ?? host
  const socket = new WebSocket(`${secure ? 'wss' : 'ws'}://${server.host}${tunnelPath}`, subprotocol, {
    perMessageDeflate: false,
    maxPayload: maxFrameBytes,
    handshakeTimeout: handshakeMs,
    headers: {
      authorization: `Bearer ${token}`,
      [header.cluster]: options.cluster,
      [header.class]: options.class,
      [header.version]: options.version,
      [header.epoch]: String(options.epoch),
    },
    ...(secure && {
      createConnection: () =>
        connectTls({
          ...(through === undefined ? { host, port } : { socket: through }),
          ...(isIP(name) === 0 && { servername: name }),
          // of an address the certificate has to hold the address itself
          ...(isIP(name) !== 0 && { host: name, ...(through === undefined && { port }) }),
          ...(options.caPem !== undefined && { ca: options.caPem }),
          minVersion: 'TLSv1.2',
          ALPNProtocols: ['http/1.1'],
        }),
    }),
  })
  try {
    return await opened(socket, () => serveTunnel(socket, options), late)
  } catch (thrown) {
    through?.destroy()
    throw thrown
  }
}

function opened(
  socket: WebSocket,
  serve: () => AgentTunnel,
  signal: AbortSignal,
): Promise<{ tunnel: AgentTunnel; epoch: number }> {
  return new Promise((resolve, reject) => {
    let epoch = 0
    const settle = (act: () => void): void => {
      signal.removeEventListener('abort', abort)
      act()
    }
    const fail = (error: Error): void =>
      settle(() => {
        socket.on('error', () => undefined)
        socket.terminate()
        reject(error)
      })
    const abort = (): void => fail(signal.reason as Error)
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) return abort()
    socket.once('upgrade', ({ headers, socket: raw }) => {
      const said = headers[header.epoch]
      epoch = typeof said === 'string' && /^\d{1,15}$/.test(said) ? Number(said) : 0
      raw.setKeepAlive(true, 15_000)
    })
    socket.once('unexpected-response', (_request, response) => {
      const status = response.statusCode ?? 0
      const retryAfter = Number(response.headers['retry-after'])
      response.destroy()
      fail(
        new TunnelError('EREFUSED', `the server answered ${status}`, {
          status,
          ...(Number.isFinite(retryAfter) && retryAfter >= 0 && { retryAfter }),
        }),
      )
    })
    socket.once('error', (cause) => fail(new TunnelError(codeOf(cause), cause.message, { cause })))
    // within the event, so that no byte that follows is missed
    socket.once('open', () => settle(() => resolve({ tunnel: serve(), epoch })))
  })
}
