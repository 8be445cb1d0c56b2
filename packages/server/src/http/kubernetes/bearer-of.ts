import type { IncomingHttpHeaders } from 'node:http'
import { FlotillaError } from '@flotilla/model'
import { isOwnOrigin } from '../proof-of-origin.ts'

/** As Kubernetes names it: a browser that opens a WebSocket can set no header, and offers its token as a subprotocol. */
const bearerProtocol = /^base64url\.bearer\.authorization\.k8s\.io\.([A-Za-z0-9_-]{1,400})$/

/**
 * The token of a request. Never a cookie, which other sites could make a browser send: a page of another origin that
 * opens a WebSocket here has no token to offer.
 */
export function bearerOf(headers: IncomingHttpHeaders): string | undefined {
  const { authorization, upgrade, 'sec-websocket-protocol': offered = '' } = headers
  if (authorization !== undefined) return /^Bearer ([\x21-\x7e]{1,256})$/i.exec(authorization)?.[1]
  if (upgrade?.toLowerCase() !== 'websocket') return undefined
  const tokens = offered.split(',').flatMap((one) => bearerProtocol.exec(one.trim())?.[1] ?? [])
  const [token, ...others] = tokens
  // of two it would be open which one counts
  if (token === undefined || others.length > 0) return undefined
  const plain = Buffer.from(token, 'base64url').toString('latin1')
  return /^[\x21-\x7e]{1,256}$/.test(plain) ? plain : undefined
}

/** Refuses (`request.csrf`) what a page of another origin asks for. Programs send no Origin, or that of where they connect. */
export function refuseOtherOrigins({ origin, host, upgrade }: IncomingHttpHeaders): void {
  if (upgrade === undefined || origin === undefined || isOwnOrigin(origin, host)) return
  throw new FlotillaError('request.csrf', {
    message: 'A page of another origin may not open a connection to a cluster here',
    remedy: 'Open the terminal in the console itself',
    field: 'origin',
    value: origin.slice(0, 200),
  })
}
