import { constants, performServerHandshake, type ServerHttp2Stream } from 'node:http2'
import { connect } from 'node:net'
import type { WebSocket } from 'ws'
import { joinSession, sessionMemory, settingsOf, streamOf } from './join-session.ts'
import { codeOf } from './tunnel-error.ts'
import { type EndReason, header, tunnelLimits, type TunnelLimits } from './wire.ts'

export interface Target {
  readonly host: string
  readonly port: number
}

export interface Question {
  readonly method: string
  readonly path: string
  /** At most 64 KiB. */
  readonly body: string
  /** Aborts when the server no longer listens. */
  readonly signal: AbortSignal
}

/** Gives the parts of the answer as they come; undefined for a question that is not known. */
export type Answer = (question: Question) => AsyncIterable<string> | undefined

/** The agent's end of a tunnel. It answers; it never asks. */
export interface AgentTunnel {
  readonly ended: Promise<EndReason>
  readonly streams: number
  end(): void
}

const mostBody = 64 * 1024

export interface ServeTunnelOptions {
  /** Where a name that the server asks for leads; undefined refuses it. Nothing else is ever dialled. */
  readonly targetOf: (name: string) => Target | undefined
  readonly answer: Answer
  readonly limits?: TunnelLimits | undefined
}

export function serveTunnel(socket: WebSocket, options: ServeTunnelOptions): AgentTunnel {
  const { targetOf, answer, limits = tunnelLimits } = options
  const session = performServerHandshake(streamOf(socket), {
    settings: settingsOf(limits),
    maxSessionMemory: sessionMemory,
  })
  session.setLocalWindowSize(limits.sessionWindow)
  const joined = joinSession(session, socket, limits)
  let streams = 0
  session.on('stream', (stream, headers) => {
    stream.on('error', () => undefined)
    streams++
    stream.once('close', () => streams--)
    if (streams > limits.streams) return refuse(stream, 503, 'EAGAIN')
    if (headers[':method'] === 'CONNECT') {
      const target = targetOf(headers[':authority'] ?? '')
      return target === undefined ? refuse(stream, 403, 'EACCES') : forward(stream, target, limits)
    }
    void reply(stream, { method: headers[':method'] ?? '', path: headers[':path'] ?? '' }, answer)
  })
  return {
    ended: joined.ended,
    get streams() {
      return streams
    },
    end: () => joined.end('stopping'),
  }
}

function refuse(stream: ServerHttp2Stream, status: number, reason: string): void {
  if (stream.destroyed || stream.headersSent) return stream.close(constants.NGHTTP2_CONNECT_ERROR)
  stream.respond({ ':status': status, [header.reason]: reason }, { endStream: true })
  stream.close(constants.NGHTTP2_NO_ERROR)
}

/** Bytes both ways; what one side cannot take, the other does not send. */
function forward(stream: ServerHttp2Stream, target: Target, limits: TunnelLimits): void {
  const socket = connect({ ...target, noDelay: true, keepAlive: true, allowHalfOpen: true })
  const late = setTimeout(
    () => socket.destroy(Object.assign(new Error('late'), { code: 'ETIMEDOUT' })),
    limits.answerMs,
  )
  socket.once('connect', () => {
    clearTimeout(late)
    if (stream.destroyed) {
      socket.destroy()
      return
    }
    stream.respond({ ':status': 200 })
    stream.pipe(socket)
    socket.pipe(stream)
  })
  socket.once('error', (error) => refuse(stream, 502, codeOf(error)))
  socket.once('close', () => {
    clearTimeout(late)
    // an end that was not said must not look like one that was
    if (!socket.readableEnded && !stream.destroyed) stream.close(constants.NGHTTP2_CONNECT_ERROR)
  })
  stream.once('close', () => {
    if (stream.rstCode === constants.NGHTTP2_NO_ERROR) socket.destroySoon()
    else socket.destroy()
  })
}

async function reply(stream: ServerHttp2Stream, asked: Pick<Question, 'method' | 'path'>, answer: Answer) {
  const ending = new AbortController()
  stream.once('close', () => ending.abort(new Error('nobody listens any more')))
  try {
    let body = ''
    stream.setEncoding('utf8')
    // the iterator of a stream would destroy it at its end, and the answer with it
    for await (const part of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<string>) {
      body += part
      if (body.length > mostBody) return refuse(stream, 413, 'EMSGSIZE')
    }
    const parts = answer({ ...asked, body, signal: ending.signal })
    if (parts === undefined) return refuse(stream, 404, 'ENOENT')
    for await (const part of parts) {
      if (stream.destroyed) return
      if (!stream.headersSent) stream.respond({ ':status': 200 })
      if (!stream.write(part)) await new Promise((resolve) => stream.once('drain', resolve).once('close', resolve))
    }
    if (!stream.headersSent) stream.respond({ ':status': 200 })
    stream.end()
  } catch (thrown) {
    refuse(stream, 500, codeOf(thrown))
  }
}
