import { createHash } from 'node:crypto'
import { canonicalJson } from '@flotilla/model'

/** `sha256:<hex>` over the canonical JSON. Not for what covers secret values: those digests are keyed, by the server. */
export function canonicalDigest(value: unknown): string {
  return `sha256:${createHash('sha256').update(canonicalJson(value)).digest('hex')}`
}
