import type { BlobStore } from '../../../store/store.ts'

/** A stand-in for the encrypted store: the bytes as they were put, never overwritten. */
export function createMemoryBlobs(): BlobStore & { readonly bytes: Map<string, Uint8Array> } {
  const bytes = new Map<string, Uint8Array>()
  return {
    bytes,
    put: async (key, value) => {
      if (!bytes.has(key)) bytes.set(key, value)
    },
    get: async (key) => bytes.get(key),
    prune: async () => ({ gone: 0 }),
  }
}
