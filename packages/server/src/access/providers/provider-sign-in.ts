import type { Log } from '@flotilla/engine'
import type { Clock, KubeClient } from '@flotilla/kube'
import {
  asFlotillaError,
  FlotillaError,
  type IdentityProvider,
  providerSecretName,
  systemNamespace,
} from '@flotilla/model'
import type { ProviderProbe } from '@flotilla/reconcile'
import type { AddressGuard } from '@flotilla/render'
import type { HostState } from '../../fleet/host-state.ts'
import { limitConcurrency, limitEach } from '../limit-concurrency.ts'
import { addressKey } from '../sign-in-guard.ts'
import { type Connector, refused } from './connector.ts'
import { createConnector } from './create-connector.ts'
import { createExternalPeople } from './external-people.ts'
import { ownPath } from './own-path.ts'
import { createSealedFlows } from './sealed-flow.ts'

/** A way to sign in beside the password of Flotilla itself. */
export interface SignInWay {
  readonly name: string
  readonly displayName: string | undefined
  readonly type: IdentityProvider['spec']['type']
  readonly form: Connector['form']
}

export interface ProviderSignIn {
  /** Those that are not disabled, by name. */
  ways(): readonly SignInWay[]
  /** Where people come back to; to be registered at the provider. */
  redirectUri(provider: string): string
  /** Where the browser goes, and what it keeps until it is back. */
  begin(
    provider: string,
    ask: { readonly next: string | undefined; readonly address: string },
  ): Promise<{ readonly url: string; readonly sealed: string }>
  /** `parameters` is what the provider put behind the redirect address. Gives the uid of the User. */
  finish(
    provider: string,
    answer: { readonly sealed: string | undefined; readonly parameters: string; readonly address: string },
    signal: AbortSignal,
  ): Promise<{ readonly userUid: string; readonly next: string }>
  /** Undefined when name or password is wrong. */
  password(
    provider: string,
    ask: { readonly username: string; readonly password: string; readonly address: string },
    signal: AbortSignal,
  ): Promise<string | undefined>
  probe(provider: IdentityProvider): Promise<ProviderProbe>
}

export interface ProviderSignInOptions {
  readonly host: KubeClient
  readonly state: Pick<HostState, 'users' | 'identityProviders'>
  readonly guard: AddressGuard
  readonly insecureHosts: readonly string[]
  /** Where people reach this server: the redirect addresses begin with it, never with what a request says. */
  readonly consoleUrl: URL | undefined
  /** The store's key. */
  readonly key: Uint8Array
  readonly clock: Clock
  readonly log: Log
}

/** Signs people in through the identity providers of the host. */
export function createProviderSignIn(options: ProviderSignInOptions): ProviderSignIn {
  const { host, state, guard, insecureHosts, consoleUrl, clock, log } = options
  const flows = createSealedFlows({ key: options.key, now: () => clock.now() })
  const people = createExternalPeople({ host, state, clock })
  // whoever is not signed in yet makes the server ask others; a slow provider holds up its own people only
  const turns = new Map<string, ReturnType<typeof limitConcurrency>>()
  // nor does one stranger have all turns of a provider
  const ofAddress = limitEach(8)
  const inTurn = <T>(name: string, address: string, work: () => Promise<T>): Promise<T> => {
    const { metadata } = active(name)
    const turn = turns.get(metadata.name) ?? limitConcurrency({ atOnce: 16, waiting: 64 })
    turns.set(metadata.name, turn)
    return ofAddress(`${metadata.name} ${addressKey(address)}`, () => turn(work))
  }
  const connectors = new Map<string, { readonly made: string; readonly connector: Promise<Connector> }>()
  state.identityProviders.onChange((key, provider) => {
    if (provider !== undefined) return
    connectors.delete(key.slice(1))
    turns.delete(key.slice(1))
  })

  const active = (name: string): IdentityProvider => {
    const provider = state.identityProviders.get('', name)
    if (provider !== undefined && !provider.spec.disabled && provider.metadata.deletionTimestamp === undefined)
      return provider
    throw new FlotillaError('request.not_found', {
      message: `Nobody signs in through ${name}`,
      remedy: 'Open the sign-in page anew; it shows the ways that there are',
      field: 'provider',
      value: name,
    })
  }

  const readSecret = async (provider: string): Promise<string | undefined> => {
    const name = providerSecretName(provider)
    const key = { group: '', version: 'v1', kind: 'Secret', namespace: systemNamespace, name }
    const held: unknown = (await host.find(key, {}))?.['data']
    const value: unknown = typeof held === 'object' && held !== null ? Reflect.get(held, 'secret') : undefined
    return typeof value === 'string' && value !== '' ? Buffer.from(value, 'base64').toString().trim() : undefined
  }

  /** Made anew when the settings or the secret are others. */
  const connectorOf = async (provider: IdentityProvider): Promise<Connector> => {
    const { name, uid, generation } = provider.metadata
    const secret = await readSecret(name)
    const made = JSON.stringify([uid, generation, secret])
    const known = connectors.get(name)
    if (known?.made === made) return await known.connector
    const connector = createConnector({ provider, secret, guard, insecureHosts })
    connectors.set(name, { made, connector })
    return await connector
  }

  const redirectUri = (provider: string): string => {
    if (consoleUrl === undefined)
      throw new FlotillaError('input.invalid', {
        message: 'Where people reach this server is not said',
        field: '--public-url',
        remedy: 'Start it with --public-url https://HOST',
      })
    return new URL(`/sign-in/callback/${provider}`, consoleUrl.origin).href
  }

  return {
    redirectUri,
    ways: () =>
      state.identityProviders
        .list()
        .filter(({ metadata, spec }) => !spec.disabled && metadata.deletionTimestamp === undefined)
        .map(({ metadata: { name }, spec: { type, displayName } }) => {
          const form = type === 'ldap' ? ('password' as const) : ('redirect' as const)
          return { name, displayName, type, form }
        })
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    begin: (name, { next, address }) =>
      inTurn(name, address, async () => {
        const provider = active(name)
        const connector = await connectorOf(provider)
        if (connector.form !== 'redirect') throw otherForm(name)
        const { flow, sealed } = flows.begin(provider.metadata.uid ?? '', ownPath(next))
        const url = await connector.begin(flow, redirectUri(name))
        // an address of another kind would be carried out in the console
        if (url.protocol !== 'https:' && url.protocol !== 'http:')
          throw refused(name, 'it sends people to an address that is not https')
        return { url: url.href, sealed }
      }),
    finish: (name, { sealed, parameters, address }, signal) =>
      inTurn(name, address, async () => {
        const provider = active(name)
        const flow = flows.open(sealed)
        if (flow === undefined) throw refused(name, 'this browser began no sign-in, or too long ago')
        if (flow.provider !== provider.metadata.uid) throw refused(name, 'the sign-in was begun with another provider')
        const connector = await connectorOf(provider)
        if (connector.form !== 'redirect') throw otherForm(name)
        const callback = new URL(redirectUri(name))
        callback.search = parameters
        const person = await connector.finish(flow, callback)
        // it may have been disabled in the meantime
        const userUid = await people.enter(active(name), person, signal)
        log.info('signed in through provider', { provider: name, user: userUid })
        return { userUid, next: flow.next }
      }),
    password: (name, { username, password, address }, signal) =>
      inTurn(name, address, async () => {
        const connector = await connectorOf(active(name))
        if (connector.form !== 'password') throw otherForm(name)
        const person = await connector.check(username, password)
        if (person === undefined) return undefined
        const userUid = await people.enter(active(name), person, signal)
        log.info('signed in through provider', { provider: name, user: userUid })
        return userUid
      }),
    probe: async (provider) => {
      try {
        await (await connectorOf(provider)).probe()
        return { answers: true }
      } catch (thrown) {
        const { message, remedy } = asFlotillaError(thrown)
        return { answers: false, why: remedy === undefined ? message : `${message}. ${remedy}` }
      }
    },
  }
}

const otherForm = (provider: string): FlotillaError =>
  new FlotillaError('input.invalid', {
    message: `People sign in through ${provider} in another way`,
    remedy: 'Open the sign-in page anew',
    field: 'provider',
    value: provider,
  })
