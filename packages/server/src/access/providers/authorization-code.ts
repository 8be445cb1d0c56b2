import { createHash } from 'node:crypto'
import type { GuardedFetch } from '@flotilla/render'
import { type FlowSecrets, refused } from './connector.ts'
import { isRecord } from './read-person.ts'

/** The code that came back (RFC 6749, section 4.1.2), after the state proved that this browser asked for it. */
export function takeCode(provider: string, flow: FlowSecrets, callback: URL, name = 'code'): string {
  const given = callback.searchParams
  if (given.getAll('state').length !== 1 || given.get('state') !== flow.state)
    throw refused(provider, 'it belongs to another sign-in')
  const error = given.get('error')
  if (error !== null) throw refused(provider, `it says ${error.replaceAll(/[^\x21-\x7e]/g, '').slice(0, 80)}`)
  const code = given.get(name)
  if (code === null || code === '' || given.getAll(name).length !== 1) throw refused(provider, 'it has no code')
  return code
}

/** PKCE (RFC 7636), S256. */
export const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url')

/** Asks for JSON. What the provider says beside an error is not repeated: it may hold anything. */
export async function askJson(
  provider: string,
  fetch: GuardedFetch,
  address: string | URL,
  request: Parameters<GuardedFetch>[1] = {},
): Promise<Record<string, unknown>> {
  const headers = { accept: 'application/json', ...request.headers }
  const answer = await fetch(address, { ...request, headers })
  const { host } = new URL(address)
  if (answer.status < 200 || answer.status > 299) throw refused(provider, `${host} answered ${answer.status}`)
  let parsed: unknown
  try {
    parsed = JSON.parse(await answer.text(), exactNumber)
  } catch (thrown) {
    throw refused(provider, `${host} did not answer JSON`, thrown)
  }
  if (!isRecord(parsed)) throw refused(provider, `${host} did not answer an object`)
  return parsed
}

/** Ids of some providers are numbers longer than JavaScript's: as text they stay what they are. */
function exactNumber(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
    ? context?.source
    : value
}

export const postJson = (body: object): Parameters<GuardedFetch>[1] => ({
  method: 'POST',
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(body),
})

/** A text of an answer that must be there. */
export function textOf(provider: string, answer: unknown, what: string): string {
  if (typeof answer === 'string' && answer !== '') return answer
  throw refused(provider, `it has no ${what}`)
}
