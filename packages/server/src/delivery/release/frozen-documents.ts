import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { FlotillaError, type FrozenDocument, type RolloutDocument } from '@flotilla/model'
import type { BlobStore } from '../../store/store.ts'
import { keyedDigest, readJsonLines, writeJsonLines } from '../json-lines.ts'

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
      if (keyedDigest(bytes, digestKey) !== digest) return undefined
      const [head, ...targets] = await readJsonLines(bytes)
      // written by `encode` of this process or an earlier one, and held against its digest just now
      return { ...(head as Omit<T, 'targets'>), targets } as unknown as T
    },
  }
}

async function encode({ targets, ...head }: { readonly targets: readonly unknown[] }, digestKey: Uint8Array) {
  const { digest, lines } = await writeJsonLines([head, ...targets], {
    digestKey,
    largest: largestDocument,
    tooLarge: () =>
      new FlotillaError('render.limit', {
        message: `What is to be frozen is larger than ${largestDocument / 1024 / 1024} MB`,
        remedy: 'Split the application, or release to fewer targets',
      }),
  })
  return { digest, bytes: Buffer.concat(lines) }
}
