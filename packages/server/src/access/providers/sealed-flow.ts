import { hkdfSync, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { seal, unseal } from '../../store/sealed.ts'
import type { FlowSecrets } from './connector.ts'

/** A sign-in that was begun and waits for the person to come back; kept by their browser, sealed, so that any replica goes on. */
export interface Flow extends FlowSecrets {
  /** uid of the provider: the answer of another one is refused. */
  readonly provider: string
  /** Path of the console to go on to. */
  readonly next: string
  readonly expiresAt: string
}

const Flow = z.object({
  provider: z.string(),
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  next: z.string(),
  expiresAt: z.string(),
})

export const flowMs = 10 * 60_000
const name = 'sign-in flow'
const longest = 4096

export interface SealedFlows {
  begin(provider: string, next: string): { readonly flow: Flow; readonly sealed: string }
  /** Undefined when it is none, damaged, or over. */
  open(sealed: string | undefined): Flow | undefined
}

export function createSealedFlows(options: {
  /** The store's key: every replica has the same. */
  readonly key: Uint8Array
  readonly now: () => number
}): SealedFlows {
  const { now } = options
  const key = Buffer.from(hkdfSync('sha256', options.key, '', 'flotilla sign-in flow', 32))
  const random = (): string => randomBytes(32).toString('base64url')
  return {
    begin: (provider, next) => {
      const flow: Flow = {
        provider,
        state: random(),
        nonce: random(),
        verifier: random(),
        next,
        expiresAt: new Date(now() + flowMs).toISOString(),
      }
      return { flow, sealed: Buffer.from(seal(key, name, Buffer.from(JSON.stringify(flow)))).toString('base64url') }
    },
    open: (sealed) => {
      if (sealed === undefined || sealed.length > longest) return undefined
      try {
        const flow = Flow.parse(JSON.parse(Buffer.from(unseal(key, name, Buffer.from(sealed, 'base64url'))).toString()))
        return Date.parse(flow.expiresAt) > now() ? flow : undefined
      } catch {
        return undefined
      }
    },
  }
}
