import { createHmac } from 'node:crypto'
import { canonicalJson } from '@flotilla/reconcile'

/** A digest for what may cover secret values: without the key nothing can be guessed from it. */
export const keyedDigest = (key: Uint8Array, value: unknown): string =>
  `hmac-sha256:${createHmac('sha256', key).update(canonicalJson(value)).digest('hex')}`
