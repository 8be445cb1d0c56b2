import { createHash, randomUUID, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { createSealedValues } from './sealed-values.ts'

/** Codes by which a command line gets a session of a person who is signed in in a browser of the same machine. */
export interface CommandLineCodes {
  /** `challenge` is the SHA-256 of what the command line alone knows, as PKCE has it (RFC 7636, S256). */
  issue(userUid: string, challenge: string): string
  /** The uid of the person; undefined when it is none, over, used, or another program's. */
  redeem(code: string, verifier: string): string | undefined
}

const Code = z.object({ id: z.string(), userUid: z.string(), challenge: z.string(), expiresAt: z.number() })
/** The browser goes on at once. */
const codeMs = 60_000
const mostUsed = 10_000

export function createCommandLineCodes({
  key,
  now,
}: {
  /** The store's key. */
  readonly key: Uint8Array
  readonly now: () => number
}): CommandLineCodes {
  const values = createSealedValues(key, 'command line code', Code)
  const used = new Map<string, number>()
  return {
    issue: (userUid, challenge) => values.seal({ id: randomUUID(), userUid, challenge, expiresAt: now() + codeMs }),
    redeem: (code, verifier) => {
      const opened = values.open(code)
      if (opened === undefined || opened.expiresAt <= now() || used.has(opened.id)) return undefined
      for (const [id, until] of used) {
        if (until > now() && used.size < mostUsed) break
        used.delete(id)
      }
      used.set(opened.id, opened.expiresAt)
      const proof = createHash('sha256').update(verifier).digest()
      const wanted = Buffer.from(opened.challenge, 'base64url')
      return wanted.length === proof.length && timingSafeEqual(wanted, proof) ? opened.userUid : undefined
    },
  }
}
