import {
  fieldManager,
  FlotillaError,
  group,
  IdentityProvider,
  labels,
  parseInput,
  providerSecretName,
  systemNamespace,
} from '@flotilla/model'
import type { ProviderSignIn } from '../../access/providers/provider-sign-in.ts'
import type { People } from '../../access/people.ts'
import type { Caller, Services, SomeHandlers } from '../handler.ts'
import { notFound } from './fleet-handlers.ts'
import { sessionView } from './session-handlers.ts'

/** Signing in through identity providers, and what their settings need beside their objects. */
export function providerHandlers(
  { deps, sessions, signIn }: Services,
  people: People,
): SomeHandlers<'signIn'> & SomeHandlers<'providers'> {
  const providers = (): ProviderSignIn => {
    if (deps.providers !== undefined) return deps.providers
    throw new FlotillaError('request.not_found', { message: 'People sign in with passwords here' })
  }
  /** Read as the person, and from the host itself: it may have been made a moment ago. */
  const read = async (name: string, { host }: Caller, signal: AbortSignal): Promise<IdentityProvider> => {
    const found = await host.find({ group, kind: 'IdentityProvider', name }, { signal })
    if (found === undefined) throw notFound('identity provider', name)
    return parseInput(IdentityProvider, found, 'internal')
  }
  return {
    'signIn.ways': async () => ({ password: true, providers: [...(deps.providers?.ways() ?? [])] }),
    'signIn.begin': async ({ params, body, exchange }) => {
      const { url, sealed } = await providers().begin(params.provider, { next: body.next, address: exchange.address })
      exchange.setFlowCookie(sealed)
      return { url }
    },
    'signIn.finish': async ({ params, body, exchange }) => {
      // once only, whatever comes of it
      exchange.setFlowCookie(undefined)
      const { flowCookie: sealed, address } = exchange
      const answer = { sealed, parameters: body.parameters, address }
      const { userUid, next } = await providers().finish(params.provider, answer, exchange.signal)
      const person = people.byUid(userUid)
      if (person === undefined) throw new FlotillaError('auth.forbidden', { message: 'This account is disabled' })
      const { token, session } = await sessions.open(userUid, 'browser')
      exchange.isOf(person, session.tokenHash)
      exchange.setSessionCookie(token, session.expiresAt)
      const { kind, expiresAt } = session
      return { ...(await sessionView({ person, kind, expiresAt }, signIn, people)), next }
    },
    'providers.setSecret': async ({ params, body, caller, exchange }) => {
      const { metadata } = await read(params.provider, caller, exchange.signal)
      const secret = {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: {
          name: providerSecretName(metadata.name),
          namespace: systemNamespace,
          labels: { [labels.managed]: 'identity-provider' },
        },
        type: 'Opaque',
        data: { secret: Buffer.from(body.secret).toString('base64') },
      }
      await deps.fleet.host.apply(secret, { fieldManager, force: true, signal: exchange.signal })
      deps.log.info('secret of identity provider set', { provider: metadata.name, by: caller.person.name })
      return { done: true }
    },
    'providers.test': async ({ params, caller, exchange }) => {
      const provider = await read(params.provider, caller, exchange.signal)
      const probe = await providers().probe(provider)
      return {
        answers: probe.answers,
        ...(probe.answers ? {} : { why: probe.why }),
        redirectUri: providers().redirectUri(provider.metadata.name),
      }
    },
  }
}
