import { hkdfSync } from 'node:crypto'
import type { z } from 'zod'
import { seal, unseal } from '../store/sealed.ts'

/** Values that somebody else keeps for the server: nobody reads or changes them, and any replica opens them. */
export interface SealedValues<T> {
  seal(value: T): string
  /** Undefined when it is none, was changed, or is of another use. */
  open(sealed: string | undefined): T | undefined
}

const longest = 4096

/** `use` is bound in: what was sealed for one use does not open for another. */
export function createSealedValues<T>(storeKey: Uint8Array, use: string, schema: z.ZodType<T>): SealedValues<T> {
  const key = Buffer.from(hkdfSync('sha256', storeKey, '', `flotilla ${use}`, 32))
  return {
    seal: (value) => Buffer.from(seal(key, use, Buffer.from(JSON.stringify(value)))).toString('base64url'),
    open: (sealed) => {
      if (sealed === undefined || sealed.length > longest) return undefined
      try {
        return schema.parse(JSON.parse(Buffer.from(unseal(key, use, Buffer.from(sealed, 'base64url'))).toString()))
      } catch {
        return undefined
      }
    },
  }
}
