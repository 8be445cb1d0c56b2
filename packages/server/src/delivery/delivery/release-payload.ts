import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { FlotillaError } from '@flotilla/model/errors'

/** Helm's own bound is the megabyte of a Secret; a gzip can claim more. */
const largestRecord = 32 * 1024 * 1024

/**
 * The JSON inside `data.release` of a record: gzipped, base64, and base64 once more as every Secret. It is large: whoever
 * parses it does so off the main thread.
 */
export async function unpackPayload(release: string): Promise<Buffer> {
  try {
    const packed = Buffer.from(Buffer.from(release, 'base64').toString('latin1'), 'base64')
    return await promisify(gunzip)(packed, { maxOutputLength: largestRecord })
  } catch {
    throw noRelease()
  }
}

export async function packPayload(json: Uint8Array): Promise<string> {
  const packed = await promisify(gzip)(json, { level: 9 })
  return Buffer.from(packed.toString('base64'), 'latin1').toString('base64')
}

/** Said without what it holds. */
export const noRelease = (): FlotillaError =>
  new FlotillaError('input.invalid', { message: 'The Secret holds no Helm release' })
