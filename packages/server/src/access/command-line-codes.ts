import { createHash, randomUUID, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { Store } from '../store/store.ts'
import { createSealedValues } from './sealed-values.ts'

/** Who let a command line in, and the session in which they did: as long as it is open, so is the way. */
export interface Granted {
  readonly userUid: string
  readonly tokenHash: string
}

/** Codes by which a command line gets a session of a person who is signed in in a browser of the same machine. */
export interface CommandLineCodes {
  /** `challenge` is the SHA-256 of what the command line alone knows, as PKCE has it (RFC 7636, S256). */
  issue(granted: Granted, challenge: string): string
  /** Undefined when it is none, over, used, or another program's. */
  redeem(code: string, verifier: string): Promise<Granted | undefined>
}

const Code = z.object({
  id: z.string(),
  userUid: z.string(),
  tokenHash: z.string(),
  challenge: z.string(),
  expiresAt: z.number(),
})
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
    issue: ({ userUid, tokenHash }, challenge) =>
      values.seal({ id: randomUUID(), userUid, tokenHash, challenge, expiresAt: now() + codeMs }),
    redeem: async (code, verifier) => {
      const opened = values.open(code)
      if (opened === undefined || opened.expiresAt <= now()) return undefined
      const { id, expiresAt, challenge, userUid, tokenHash } = opened
      // a try uses it up, whichever server it comes to
      if (!(await store.once.claim(`command line code ${id}`, isoOf(expiresAt), isoOf(now())))) return undefined
      const proof = createHash('sha256').update(verifier).digest()
      const wanted = Buffer.from(challenge, 'base64url')
      return wanted.length === proof.length && timingSafeEqual(wanted, proof) ? { userUid, tokenHash } : undefined
    },
  }
}
