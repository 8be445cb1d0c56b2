import type { Duplex } from 'node:stream'
import type { FlotillaError } from '@flotilla/model'

/** Headers of an answer in JSON that says no; the connection ends with it, as whoever was refused may still be sending. */
export const refusalHeaders = (error: FlotillaError, body: string): Record<string, string> => ({
  'content-type': 'application/json',
  'content-length': String(Buffer.byteLength(body)),
  'cache-control': 'no-store',
  connection: 'close',
  ...(error.code === 'auth.required' ? { 'www-authenticate': 'Bearer realm="flotilla"' } : {}),
  ...(error.retryAfter === undefined ? {} : { 'retry-after': String(error.retryAfter) }),
})

/** Answers an upgrade that does not happen, where nothing was answered yet; after it the socket is closed. */
export function refuseUpgrade(
  socket: Duplex,
  error: FlotillaError,
  answer: { readonly code: number; readonly body: string } = {
    code: error.status,
    body: JSON.stringify({ error: error.toJSON() }),
  },
): void {
  if (socket.destroyed || socket.writableEnded) return
  const headers = Object.entries(refusalHeaders(error, answer.body)).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${answer.code} Refused\r\n${headers.join('')}\r\n${answer.body}`)
}
