import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { canonicalJson } from '@flotilla/model'

/** `sha256:<hex>`; only for what holds no secret, or whoever sees it can guess what it covers. */
export function contentDigest(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** `hmac-sha256:<hex>` for what may cover secret values. */
export function keyedDigest(key: Uint8Array, bytes: Uint8Array | string): string {
  return `hmac-sha256:${createHmac('sha256', key).update(bytes).digest('hex')}`
}

const bytesPerTurn = 256 * 1024

/** Keyed digest over a sequence of values; gives way to other work between large ones. */
export async function keyedDigestOf(key: Uint8Array, values: Iterable<unknown>): Promise<string> {
  const hash = createHmac('sha256', key)
  await feed(hash, values)
  return `hmac-sha256:${hash.digest('hex')}`
}

async function feed(hash: Hash | Hmac, values: Iterable<unknown>): Promise<void> {
  let fed = 0
  for (const value of values) {
    const text = canonicalJson(value)
    // The length keeps [a, bc] and [ab, c] apart.
    hash.update(`${text.length}:`).update(text)
    fed += text.length
    if (fed > bytesPerTurn) {
      fed = 0
      await nextTurn()
    }
  }
}
