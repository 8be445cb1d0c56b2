import { createHmac } from 'node:crypto'
import { setImmediate as breathe } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { canonicalJson, FlotillaError, type FrozenDocument, type RolloutDocument } from '@flotilla/model'
import type { BlobStore } from '../../store/store.ts'

export interface DocumentStore<T> {
  /** Stores a document and returns its keyed digest. The same content gives the same digest. */
  put(document: T): Promise<string>
  /** Undefined when it is gone, or is other bytes than the digest names: the caller stops, it never goes by a part. */
  get(digest: string): Promise<T | undefined>
}

export interface FrozenDocuments {
  readonly releases: DocumentStore<FrozenDocument>
  readonly rollouts: DocumentStore<RolloutDocument>
}

export const releaseKey = (digest: string): string => `release/${digest}`
export const rolloutKey = (digest: string): string => `rollout/${digest}`

const largestDocument = 256 * 1024 * 1024
/** Characters written or read between two pauses. */
const stretch = 256 * 1024

/**
 * What releases and rollouts go by, as blobs (sealed by the store) under keyed digests: one line of canonical JSON for
 * the head, one per target. Errors: `render.limit` for one that is too large, those of the store.
 */
export function createFrozenDocuments(blobs: BlobStore, digestKey: Uint8Array): FrozenDocuments {
  return {
    releases: createDocuments<FrozenDocument>(blobs, releaseKey, digestKey),
    rollouts: createDocuments<RolloutDocument>(blobs, rolloutKey, digestKey),
  }
}

function createDocuments<T extends { readonly targets: readonly unknown[] }>(
  blobs: BlobStore,
  keyOf: (digest: string) => string,
  digestKey: Uint8Array,
): DocumentStore<T> {
  return {
    put: async (document) => {
      const { digest, bytes } = await encode(document, digestKey)
      await blobs.put(keyOf(digest), await promisify(gzip)(bytes, { level: 6 }))
      return digest
    },
    get: async (digest) => {
      const packed = await blobs.get(keyOf(digest))
      if (packed === undefined) return undefined
      const bytes = await promisify(gunzip)(packed, { maxOutputLength: largestDocument * 2 })
      if (digestOf(bytes, digestKey) !== digest) return undefined
      const [head, ...targets] = await decode(bytes)
      // written by `encode` of this process or an earlier one, and held against its digest just now
      return { ...(head as Omit<T, 'targets'>), targets } as unknown as T
    },
  }
}

async function encode(document: { readonly targets: readonly unknown[] }, digestKey: Uint8Array) {
  const { targets, ...head } = document
  const lines: Buffer[] = []
  let length = 0
  let since = 0
  for (const part of [head, ...targets]) {
    const line = Buffer.from(`${canonicalJson(part)}\n`, 'utf8')
    lines.push(line)
    length += line.length
    since += line.length
    if (length > largestDocument)
      throw new FlotillaError('render.limit', {
        message: `What is to be frozen is larger than ${largestDocument / 1024 / 1024} MB`,
        remedy: 'Split the application, or release to fewer targets',
      })
    if (since > stretch) {
      since = 0
      await breathe()
    }
  }
  const bytes = Buffer.concat(lines)
  return { digest: digestOf(bytes, digestKey), bytes }
}

const digestOf = (bytes: Uint8Array, digestKey: Uint8Array): string =>
  `hmac-sha256:${createHmac('sha256', digestKey).update(bytes).digest('hex')}`

async function decode(bytes: Buffer): Promise<unknown[]> {
  const parsed: unknown[] = []
  let since = 0
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(10, start)
    const line = bytes.subarray(start, end < 0 ? bytes.length : end)
    parsed.push(JSON.parse(line.toString('utf8')))
    start += line.length + 1
    since += line.length
    if (since > stretch) {
      since = 0
      await breathe()
    }
  }
  return parsed
}
