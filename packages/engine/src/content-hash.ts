import { createHash } from 'node:crypto'
import { canonicalJson } from '@flotilla/model'

/** SHA-256 over the canonical JSON, in hex. */
export const contentHash = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex')
