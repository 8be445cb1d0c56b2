import type { Http2Session, Settings } from 'node:http2'
import { createWebSocketStream, type WebSocket } from 'ws'
import type { Duplex } from 'node:stream'
import { startHeartbeat } from './heartbeat.ts'
import { TunnelError } from './tunnel-error.ts'
import { closeCodes, endReasonOf, type EndReason, type TunnelLimits } from './wire.ts'

export const settingsOf = ({ streams, streamWindow }: TunnelLimits): Settings => ({
  initialWindowSize: streamWindow,
  maxConcurrentStreams: streams,
  enablePush: false,
})

/** Megabytes that one session may hold of what was not sent yet; Node's own bound would refuse streams at 10. */
export const sessionMemory = 64

/** How long the other side may take to hear why. */
const farewellMs = 1_000

export interface JoinedSession {
  readonly ended: Promise<EndReason>
  /** Tells the other side, and destroys all that is open. */
  end(reason: 'fenced' | 'revoked' | 'stopping'): void
}

/** A stream of bytes over a WebSocket; of either side, HTTP/2 is laid over it. */
export function streamOf(socket: WebSocket): Duplex {
  const stream = createWebSocketStream(socket, { allowHalfOpen: false })
  // the end is told once, by the WebSocket
  stream.on('error', () => undefined)
  return stream
}

/** Ties the life of an HTTP/2 session to that of its WebSocket, with a heartbeat over both. */
export function joinSession(session: Http2Session, socket: WebSocket, limits: TunnelLimits): JoinedSession {
  let resolve: (reason: EndReason) => void = () => undefined
  const ended = new Promise<EndReason>((settle) => {
    resolve = settle
  })
  let said: EndReason | undefined
  // without an error what is open would look as if it had come to its end
  const destroy = (): void => {
    if (!session.destroyed) session.destroy(new TunnelError('ECONNRESET', 'the tunnel ended'))
  }
  const heartbeat = startHeartbeat({
    session,
    socket,
    intervalMs: limits.heartbeatMs,
    silent: () => {
      said = 'silent'
      socket.terminate()
      destroy()
    },
  })
  session.on('error', () => undefined)
  session.once('close', () => socket.terminate())
  socket.on('error', () => undefined)
  socket.once('close', (code) => {
    heartbeat.stop()
    destroy()
    resolve(said ?? endReasonOf(code))
  })
  return {
    ended,
    end: (reason) => {
      said ??= reason
      socket.close(closeCodes[reason], reason)
      setTimeout(destroy, farewellMs).unref()
    },
  }
}
