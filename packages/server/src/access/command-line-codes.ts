import { createHash, randomUUID, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { Store } from '../store/store.ts'
import { createSealedValues } from './sealed-values.ts'

/** Codes by which a command line gets a session of a person who is signed in in a browser of the same machine. */
export interface CommandLineCodes {
  /** `challenge` is the SHA-256 of what the command line alone knows, as PKCE has it (RFC 7636, S256). */
  issue(userUid: string, challenge: string): string
  /** The uid of the person; undefined when it is none, over, used, or another program's. */
  redeem(code: string, verifier: string): Promise<string | undefined>
}

const Code = z.object({ id: z.string(), userUid: z.string(), challenge: z.string(), expiresAt: z.number() })
/** The browser goes on at once. */
const codeMs = 60_000

export function createCommandLineCodes({
  store,
  now,
}: {
  readonly store: Pick<Store, 'digestKey' | 'once'>
  readonly now: () => number
}): CommandLineCodes {
  const values = createSealedValues(store.digestKey, 'command line code', Code)
  const isoOf = (ms: number): string => new Date(ms).toISOString()
  return {
    issue: (userUid, challenge) => values.seal({ id: randomUUID(), userUid, challenge, expiresAt: now() + codeMs }),
    redeem: async (code, verifier) => {
      const opened = values.open(code)
      if (opened === undefined || opened.expiresAt <= now()) return undefined
      const { id, expiresAt, challenge, userUid } = opened
      // a try uses it up, whichever server it comes to
      if (!(await store.once.claim(`command line code ${id}`, isoOf(expiresAt), isoOf(now())))) return undefined
      const proof = createHash('sha256').update(verifier).digest()
      const wanted = Buffer.from(challenge, 'base64url')
      return wanted.length === proof.length && timingSafeEqual(wanted, proof) ? userUid : undefined
    },
  }
}
