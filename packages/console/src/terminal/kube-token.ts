import { FlotillaError } from '@flotilla/model/errors'
import { api } from '../query/api.ts'
import { SignedOut } from './keep-shell.ts'

/** A token that ends sooner is not used for something new. */
const leastMs = 60_000
let held: { readonly token: string; readonly until: number } | undefined

/** For the clusters' own API servers, in place of the cookie, which they do not take. */
export async function kubeToken(signal: AbortSignal): Promise<string> {
  if (held !== undefined && held.until - Date.now() > leastMs) return held.token
  try {
    const { token, expiresAt } = await api.kubernetes.token({ body: {}, signal })
    held = { token, until: Date.parse(expiresAt) }
    return token
  } catch (thrown) {
    if (thrown instanceof FlotillaError && thrown.code === 'auth.required') throw new SignedOut()
    throw thrown
  }
}

/** After a refusal it is asked for anew, and with it whether somebody is signed in. */
export const forgetKubeToken = (): void => {
  held = undefined
}
