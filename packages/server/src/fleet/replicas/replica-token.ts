import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { Clock } from '@flotilla/kube'

/** How the servers of one database prove themselves to each other: signed with what only they have, for half a minute. */
export interface ReplicaTokens {
  issue(): string
  verify(token: string): boolean
}

const prefix = 'flp_'
const form = /^flp_([A-Za-z0-9_-]{8})\.([A-Za-z0-9_-]{43})$/
const timeBytes = 6
/** To either side: the clocks of two machines differ. */
const lifeMs = 30_000

export function createReplicaTokens({
  key: shared,
  clock,
}: {
  /** The store's key: every replica has the same. */
  readonly key: Uint8Array
  readonly clock: Pick<Clock, 'now'>
}): ReplicaTokens {
  // a key for this use only
  const key = Buffer.from(hkdfSync('sha256', shared, '', 'flotilla replica token', 32))
  const sign = (payload: Uint8Array): Buffer => createHmac('sha256', key).update(payload).digest()
  return {
    issue: () => {
      const payload = Buffer.alloc(timeBytes)
      payload.writeUIntBE(clock.now(), 0, timeBytes)
      return `${prefix}${payload.toString('base64url')}.${sign(payload).toString('base64url')}`
    },
    verify: (token) => {
      const [, body = '', signature = ''] = form.exec(token) ?? []
      const payload = Buffer.from(body, 'base64url')
      if (payload.length !== timeBytes || !timingSafeEqual(sign(payload), Buffer.from(signature, 'base64url')))
        return false
      return Math.abs(payload.readUIntBE(0, timeBytes) - clock.now()) <= lifeMs
    },
  }
}
