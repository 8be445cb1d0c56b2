import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { FlotillaError, isRecord } from '@flotilla/model'

/** Helm's own bound is the megabyte of a Secret; a gzip can claim more. */
const largestRecord = 32 * 1024 * 1024

/** What is inside `data.release` of a record: JSON, gzipped, base64, and base64 once more as every Secret. */
export async function readPayload(release: string): Promise<Record<string, unknown>> {
  try {
    const packed = Buffer.from(Buffer.from(release, 'base64').toString('latin1'), 'base64')
    const text = await promisify(gunzip)(packed, { maxOutputLength: largestRecord })
    const record: unknown = JSON.parse(text.toString('utf8'))
    if (isRecord(record)) return record
  } catch {
    // said below, without what it holds
  }
  throw new FlotillaError('input.invalid', { message: 'The Secret holds no Helm release' })
}

export async function packPayload(record: Readonly<Record<string, unknown>>): Promise<string> {
  const packed = await promisify(gzip)(Buffer.from(JSON.stringify(record), 'utf8'), { level: 9 })
  return Buffer.from(packed.toString('base64'), 'latin1').toString('base64')
}
