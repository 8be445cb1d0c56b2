import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { Clock } from '@flotilla/kube'

/** Tokens for kubectl: signed, not stored, short-lived, and good for nothing but the Kubernetes proxy. */
export interface KubeTokens {
  /** Ends with the session at the latest. */
  issue(session: { readonly tokenHash: string; readonly expiresAt: string }): { token: string; expiresAt: string }
  /** The hash of the session that it was issued under; undefined when it is forged, damaged or over. */
  verify(token: string): string | undefined
}

/** How long a token lives. Whether its session still does is asked at each request. */
export const kubeTokenMs = 10 * 60_000

const prefix = 'flk_'
const form = /^flk_([A-Za-z0-9_-]{51})\.([A-Za-z0-9_-]{43})$/
const hashBytes = 32
/** Seconds since the epoch, big-endian. */
const timeBytes = 6

export function createKubeTokens(options: {
  /** The store's key: every replica has the same. */
  readonly key: Uint8Array
  readonly clock: Pick<Clock, 'now'>
}): KubeTokens {
  const { clock } = options
  // a key for this use only
  const key = Buffer.from(hkdfSync('sha256', options.key, '', 'flotilla kubernetes token', 32))
  const sign = (payload: Uint8Array): Buffer => createHmac('sha256', key).update(payload).digest()
  return {
    issue: ({ tokenHash, expiresAt }) => {
      const seconds = Math.floor(Math.min(clock.now() + kubeTokenMs, Date.parse(expiresAt)) / 1000)
      const payload = Buffer.alloc(hashBytes + timeBytes)
      payload.write(tokenHash, 'hex')
      payload.writeUIntBE(seconds, hashBytes, timeBytes)
      return {
        token: `${prefix}${payload.toString('base64url')}.${sign(payload).toString('base64url')}`,
        expiresAt: new Date(seconds * 1000).toISOString(),
      }
    },
    verify: (token) => {
      const [, body, signature] = form.exec(token) ?? []
      if (body === undefined || signature === undefined) return undefined
      const payload = Buffer.from(body, 'base64url')
      if (payload.length !== hashBytes + timeBytes) return undefined
      if (!timingSafeEqual(sign(payload), Buffer.from(signature, 'base64url'))) return undefined
      if (payload.readUIntBE(hashBytes, timeBytes) * 1000 <= clock.now()) return undefined
      return payload.toString('hex', 0, hashBytes)
    },
  }
}
