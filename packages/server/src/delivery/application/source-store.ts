import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { ResolvedSource as Pin } from '@flotilla/model'
import { canonicalDigest } from '@flotilla/reconcile'
import type { ResolvedSource } from '@flotilla/render'
import type { BlobStore } from '../../store/store.ts'
import type { ComponentSource } from './source-spec.ts'

export const sourceKey = (kind: string, digest: string): string => `source/${kind}/${digest}`
export const pinKey = (source: ComponentSource): string => `pin/${canonicalDigest(source)}`

/**
 * The bytes that sources were resolved to, by digest: what is wanted can be rendered again while a registry or a Git
 * host is away, and a Helm release record can be written with its chart.
 */
export interface SourceStore {
  put(source: ResolvedSource): Promise<void>
  get(kind: ResolvedSource['kind'], digest: string): Promise<ResolvedSource | undefined>
  /** What a source that cannot move was resolved to before. */
  getPin(source: ComponentSource): Promise<Pin | undefined>
  putPin(source: ComponentSource, pin: Pin): Promise<void>
}

type Head = Omit<ResolvedSource, 'bytes'>

export function createSourceStore(blobs: BlobStore): SourceStore {
  return {
    put: async ({ bytes, ...head }) => {
      const line = Buffer.from(`${JSON.stringify(head)}\n`, 'utf8')
      // an archive is packed already
      const body = head.format === 'archive' ? bytes : await promisify(gzip)(bytes)
      await blobs.put(sourceKey(head.kind, head.digest), Buffer.concat([line, body]))
    },
    get: async (kind, digest) => {
      const stored = await blobs.get(sourceKey(kind, digest))
      if (stored === undefined) return undefined
      const buffer = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength)
      const end = buffer.indexOf(10)
      // written by `put`, and sealed by the store
      const head = JSON.parse(buffer.subarray(0, end).toString('utf8')) as Head
      const body = buffer.subarray(end + 1)
      const bytes = head.format === 'archive' ? body : await promisify(gunzip)(body, { maxOutputLength: largestYaml })
      return { ...head, bytes: new Uint8Array(bytes) }
    },
    getPin: async (source) => {
      const stored = await blobs.get(pinKey(source))
      return stored === undefined ? undefined : (JSON.parse(Buffer.from(stored).toString('utf8')) as Pin)
    },
    putPin: (source, pin) => blobs.put(pinKey(source), Buffer.from(JSON.stringify(pin), 'utf8')),
  }
}

const largestYaml = 64 * 1024 * 1024

/** Key of a folder or chart that somebody uploaded. */
export const uploadKey = (digest: string): string => `upload:${digest}`

/** Gives the renderer the bytes of an upload. */
export const createUploadReader =
  (blobs: BlobStore) =>
  (digest: string): Promise<Uint8Array | undefined> =>
    blobs.get(uploadKey(digest))
