import type { Http2Session } from 'node:http2'
import type { WebSocket } from 'ws'

/** How often it is looked, as a part of the interval. */
const looks = 10

/**
 * Asks the other side in every interval, and calls `silent` once nothing at all was heard for two of them. Whatever
 * comes counts, so that a question that waits behind a megabyte of a slow line condemns nobody.
 */
export function startHeartbeat(options: {
  readonly session: Http2Session
  readonly socket: WebSocket
  readonly intervalMs: number
  readonly silent: () => void
}): { stop(): void } {
  const { session, socket, intervalMs, silent } = options
  const lookMs = Math.max(10, intervalMs / looks)
  let heardAt = performance.now()
  let askedAt = heardAt
  let lookedAt = heardAt
  const heard = (): void => {
    heardAt = performance.now()
  }
  socket.on('message', heard)
  const timer = setInterval(() => {
    const now = performance.now()
    // whoever slept cannot say what was said meanwhile
    if (now - lookedAt > intervalMs) heardAt = now
    lookedAt = now
    if (now - heardAt >= 2 * intervalMs) {
      stop()
      return silent()
    }
    if (now - askedAt < intervalMs || session.destroyed) return
    askedAt = now
    session.ping(() => undefined)
  }, lookMs)
  timer.unref()
  const stop = (): void => {
    clearInterval(timer)
    socket.off('message', heard)
  }
  return { stop }
}
