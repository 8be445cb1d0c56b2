import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'

const formatVersion = 1
const headerBytes = 1 + 12 + 16
/** What a sealed piece may grow to when it is opened. */
const longestOpened = 256 * 1024 * 1024

/**
 * Compresses, then encrypts with AES-256-GCM. `name` is bound in: bytes moved under another name do not open.
 * Layout: version, nonce (12), tag (16), ciphertext.
 */
export function seal(key: Uint8Array, name: string, bytes: Uint8Array): Uint8Array {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.from(name))
  const body = Buffer.concat([cipher.update(zstdCompressSync(bytes)), cipher.final()])
  return Buffer.concat([Buffer.of(formatVersion), nonce, cipher.getAuthTag(), body])
}

/** Fails when the bytes were changed, moved, or sealed with another key. */
export function unseal(key: Uint8Array, name: string, sealed: Uint8Array): Uint8Array {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
  if (bytes.length < headerBytes || bytes[0] !== formatVersion) throw new Error(`${name} is not in a known format`)
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, 13))
  decipher.setAAD(Buffer.from(name))
  decipher.setAuthTag(bytes.subarray(13, headerBytes))
  const body = Buffer.concat([decipher.update(bytes.subarray(headerBytes)), decipher.final()])
  return zstdDecompressSync(body, { maxOutputLength: longestOpened })
}
