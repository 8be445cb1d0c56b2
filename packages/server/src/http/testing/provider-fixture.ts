import { silentLog } from '@flotilla/engine'
import { systemClock } from '@flotilla/kube'
import { IdentityProvider } from '@flotilla/model'
import { createAddressGuard } from '@flotilla/render'
import { createProviderSignIn } from '../../access/providers/provider-sign-in.ts'
import { csrf, type HttpFixture, httpFixture } from './http-fixture.ts'
import { memoryHost } from './memory-host.ts'
import { memoryState } from './memory-state.ts'

export interface ProviderFixture extends HttpFixture {
  /** Name of the Secret -> what it holds. */
  readonly secrets: Map<string, string>
}

export const consoleOrigin = 'https://flotilla.example'
export const callbackOf = (provider: string): string => `${consoleOrigin}/sign-in/callback/${provider}`

/** The server in memory, with identity providers. `hosts` are those on loopback that the administrator lists. */
export async function providerFixture(hosts: readonly string[]): Promise<ProviderFixture> {
  const state = memoryState()
  const secrets = new Map<string, string>()
  const providers = createProviderSignIn({
    host: memoryHost(state, secrets),
    state,
    guard: createAddressGuard({ allowedHosts: hosts }),
    insecureHosts: hosts,
    consoleUrl: new URL(consoleOrigin),
    key: Buffer.alloc(32, 7),
    clock: systemClock,
    log: silentLog,
  })
  return Object.assign(await httpFixture({ providers, state }), { secrets })
}

export const identityProvider = (name: string, spec: object, uid = `uid-${name}`): IdentityProvider =>
  IdentityProvider.parse({
    apiVersion: 'flotilla.dev/v1alpha1',
    kind: 'IdentityProvider',
    metadata: { name, uid, generation: 1 },
    spec,
  })

interface Inject {
  readonly http: HttpFixture['http']
}
export type Answer = Awaited<ReturnType<HttpFixture['http']['app']['inject']>>

const cookieOf = (answer: Answer, name: string): string | undefined =>
  (answer.cookies as { name: string; value: string }[]).find((cookie) => cookie.name === name && cookie.value !== '')
    ?.value

/** Begins as the console does; gives where the browser goes and the cookie that it keeps. */
export async function beginAt({ http }: Inject, provider: string, next?: string, remoteAddress?: string) {
  const answer = await http.app.inject({
    method: 'POST',
    ...(remoteAddress === undefined ? {} : { remoteAddress }),
    url: `/api/v1/sign-in/${provider}`,
    headers: csrf,
    payload: next === undefined ? {} : { next },
  })
  return { answer, url: answer.json<{ url: string }>().url, flow: cookieOf(answer, 'flotilla-sign-in') ?? '' }
}

/** Comes back as the console does, with what the provider put behind the address. */
export async function finishAt({ http }: Inject, provider: string, flow: string, parameters: string) {
  const answer = await http.app.inject({
    method: 'POST',
    url: `/api/v1/sign-in/${provider}/answer`,
    headers: csrf,
    cookies: { 'flotilla-sign-in': flow },
    payload: { parameters },
  })
  return { answer, session: cookieOf(answer, 'flotilla-session') }
}

export async function meWith({ http }: Inject, session: string | undefined) {
  const answer = await http.app.inject({ url: '/api/v1/session', cookies: { 'flotilla-session': session ?? '' } })
  return { status: answer.statusCode, person: answer.json<{ person?: MePerson }>().person }
}
interface MePerson {
  readonly name: string
  readonly displayName?: string
  readonly email?: string
  readonly groups: string[]
}

export const codeOf = (answer: Answer): string | undefined => answer.json<{ error?: { code: string } }>().error?.code
