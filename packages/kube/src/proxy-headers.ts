import { FlotillaError } from '@flotilla/model'
import type { Headers } from './transport.ts'

/** Headers of one hop only (RFC 9110, section 7.6.1), and what would tell the API server who asks or from where. */
const never =
  /^(?:connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|host|expect|authorization|cookie|set-cookie|impersonate-.*|x-remote-.*|x-forwarded-.*|x-real-ip|forwarded|origin|referer|sec-fetch-.*|user-agent)$/i

/** A token that a browser may send as a WebSocket subprotocol; it would be a second identity. */
const bearerSubprotocol = /^base64url\.bearer\.authorization\.k8s\.io\./i

/** What of a person's request may reach the API server, names in lower case, repeated headers as arrays. */
export function forwardedHeaders(rawHeaders: readonly string[]): Headers {
  const pairs = pairsOf(rawHeaders)
  const hopByHop = new Set(
    pairs
      .filter(([name]) => name === 'connection')
      .flatMap(([, value]) => value.toLowerCase().split(','))
      .map((name) => name.trim()),
  )
  const headers: Headers = {}
  for (const [name, value] of pairs) {
    if (never.test(name) || hopByHop.has(name)) continue
    const kept = name === 'sec-websocket-protocol' ? withoutBearer(value) : value
    if (kept === '') continue
    const before = headers[name]
    headers[name] = before === undefined ? kept : [...(Array.isArray(before) ? before : [before]), kept]
  }
  return headers
}

/** What of the API server's answer goes back, in the order it came. */
export function returnedHeaders(rawHeaders: readonly string[]): [string, string][] {
  return pairsOf(rawHeaders).filter(
    ([name]) => !/^(?:connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|set-cookie)$/.test(name),
  )
}

/**
 * Refuses (`input.invalid`) an upgrade that carries a body: its bytes would follow the handshake into the raw
 * connection, which is ours.
 */
export function refuseBody(headers: Readonly<Record<string, string | string[] | undefined>>): void {
  const length = headers['content-length']
  if (headers['transfer-encoding'] === undefined && (length === undefined || length === '0')) return
  throw new FlotillaError('input.invalid', {
    message: 'A request to upgrade the connection cannot carry a body.',
    remedy: 'Leave Content-Length and Transfer-Encoding out.',
    field: 'headers',
  })
}

function withoutBearer(value: string): string {
  return value
    .split(',')
    .map((one) => one.trim())
    .filter((one) => !bearerSubprotocol.test(one))
    .join(', ')
}

function pairsOf(rawHeaders: readonly string[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    pairs.push([(rawHeaders[at] ?? '').toLowerCase(), rawHeaders[at + 1] ?? ''])
  }
  return pairs
}
