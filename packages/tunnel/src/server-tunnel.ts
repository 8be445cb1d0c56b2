import { connect, constants, type ClientHttp2Stream } from 'node:http2'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { joinSession, sessionMemory, settingsOf, streamOf } from './join-session.ts'
import { codeOf, TunnelError } from './tunnel-error.ts'
import { apiServerTarget, type EndReason, header, tunnelLimits, type TunnelLimits } from './wire.ts'

/** The server's end of a tunnel: it asks, the agent answers. */
export interface ServerTunnel {
  readonly ended: Promise<EndReason>
  readonly isOpen: boolean
  /** Connections, and what of them was not read yet. */
  readonly load: { readonly streams: number; readonly bufferedBytes: number }
  /** A connection to the API server of the agent's cluster. Errors: TunnelError with the system's code. */
  dial(signal: AbortSignal, target?: string): Promise<Duplex>
  /** A question to the agent itself; gives its answer as it comes. */
  ask(question: { method: 'GET' | 'PUT'; path: string; body?: string }, signal: AbortSignal): Promise<Duplex>
  end(reason: 'fenced' | 'revoked' | 'stopping'): void
}

export function createServerTunnel(socket: WebSocket, limits: TunnelLimits = tunnelLimits): ServerTunnel {
  const session = connect('http://agent', {
    createConnection: () => streamOf(socket),
    settings: settingsOf(limits),
    maxSessionMemory: sessionMemory,
    peerMaxConcurrentStreams: limits.streams,
  })
  session.once('connect', () => session.setLocalWindowSize(limits.sessionWindow))
  const joined = joinSession(session, socket, limits)
  const open = new Set<ClientHttp2Stream>()
  const load = () => {
    let bufferedBytes = 0
    for (const { readableLength, writableLength } of open) bufferedBytes += readableLength + writableLength
    return { streams: open.size, bufferedBytes }
  }

  async function request(headers: Record<string, string>, signal: AbortSignal, body?: string): Promise<Duplex> {
    signal.throwIfAborted()
    if (session.destroyed || session.closed) throw new TunnelError('ECONNRESET', 'the tunnel has ended')
    const { streams, bufferedBytes } = load()
    if (streams >= limits.streams || bufferedBytes >= limits.bufferedBytes)
      throw new TunnelError('EAGAIN', 'the tunnel has as many connections as it may have')
    const stream = session.request(headers, { endStream: false })
    open.add(stream)
    stream.once('close', () => open.delete(stream))
    if (body !== undefined) stream.end(body)
    return await answered(stream, signal, limits.answerMs)
  }

  return {
    ended: joined.ended,
    get isOpen() {
      return !session.destroyed && !session.closed
    },
    get load() {
      return load()
    },
    dial: (signal, target = apiServerTarget) => request({ ':method': 'CONNECT', ':authority': target }, signal),
    ask: ({ method, path, body = '' }, signal) => request({ ':method': method, ':path': path }, signal, body),
    end: joined.end,
  }
}

/** Until the agent has answered the stream ends with the signal; after that it is the caller's. */
function answered(stream: ClientHttp2Stream, signal: AbortSignal, withinMs: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      stream.removeListener('close', closed)
      act()
    }
    const fail = (error: Error): void =>
      settle(() => {
        stream.close(constants.NGHTTP2_CANCEL)
        reject(error)
      })
    const abort = (): void => fail(signal.reason as Error)
    const closed = (): void => fail(new TunnelError('ECONNRESET', 'the tunnel ended'))
    const timer = setTimeout(() => fail(new TunnelError('ETIMEDOUT', 'the agent did not answer in time')), withinMs)
    signal.addEventListener('abort', abort, { once: true })
    // whoever uses the stream hears of its end by `close`
    stream.on('error', (error) => settle(() => reject(new TunnelError('ECONNRESET', codeOf(error), { cause: error }))))
    stream.once('close', closed)
    stream.once('response', (headers) => {
      if (headers[':status'] === 200) return settle(() => resolve(stream))
      const reason = headers[header.reason]
      const code = typeof reason === 'string' ? reason : 'EPROTO'
      fail(new TunnelError(code, `the agent refused: ${code}`, { status: headers[':status'] }))
    })
  })
}
