import { hash } from 'node:crypto'
import { FlotillaError } from '@flotilla/model'
import { uploadKey } from '../delivery/application/source-store.ts'
import type { BlobStore } from '../store/store.ts'

/** Keeps an upload under its digest. `input.invalid` when the bytes are others, `archive.refused` when they are no gzip. */
export async function putUpload(
  blobs: BlobStore,
  digest: string,
  bytes: Uint8Array,
): Promise<{ digest: string; bytes: number }> {
  const actual = `sha256:${hash('sha256', bytes, 'hex')}`
  if (actual !== digest)
    throw new FlotillaError('input.invalid', {
      message: 'The bytes have another digest than the address says',
      field: 'digest',
      value: digest,
      remedy: `Send them to ${actual}`,
    })
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b)
    throw new FlotillaError('archive.refused', {
      message: 'An upload is a gzipped tar, and this is not',
      field: 'body',
      remedy: 'Pack the folder or chart as .tgz',
    })
  await blobs.put(uploadKey(digest), bytes)
  return { digest, bytes: bytes.length }
}
