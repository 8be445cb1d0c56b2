import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { createSealedValues } from '../sealed-values.ts'
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

export interface SealedFlows {
  begin(provider: string, next: string): { readonly flow: Flow; readonly sealed: string }
  /** Undefined when it is none, damaged, or over. */
  open(sealed: string | undefined): Flow | undefined
}

export function createSealedFlows({
  key,
  now,
}: {
  /** The store's key: every replica has the same. */
  readonly key: Uint8Array
  readonly now: () => number
}): SealedFlows {
  const values = createSealedValues(key, 'sign-in flow', Flow)
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
      return { flow, sealed: values.seal(flow) }
    },
    open: (sealed) => {
      const flow = values.open(sealed)
      return flow !== undefined && Date.parse(flow.expiresAt) > now() ? flow : undefined
    },
  }
}
