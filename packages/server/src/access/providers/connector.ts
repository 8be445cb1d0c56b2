import { FlotillaError, type IdentityProvider } from '@flotilla/model'
import type { AddressGuard, GuardedFetch } from '@flotilla/render'

/** Who somebody is, as a provider says it. */
export interface ExternalPerson {
  /** Names them for good at that provider. */
  readonly subject: string
  readonly name?: string | undefined
  readonly email?: string | undefined
  readonly groups: readonly string[]
}

/** What one sign-in is bound to, from its beginning to its end: random, and known to one browser. */
export interface FlowSecrets {
  readonly state: string
  readonly nonce: string
  /** PKCE (RFC 7636). */
  readonly verifier: string
}

/** Sends the person's browser there and takes what it brings back. */
export interface RedirectConnector {
  readonly form: 'redirect'
  begin(flow: FlowSecrets, redirectUri: string): Promise<URL>
  /** `callback` is the redirect address with the parameters that came. Errors: `auth.refused`, `provider.unreachable`. */
  finish(flow: FlowSecrets, callback: URL): Promise<ExternalPerson>
  /** Fails when nobody could sign in through it now. */
  probe(): Promise<void>
}

/** Takes name and password here. */
export interface PasswordConnector {
  readonly form: 'password'
  /** Undefined when name or password is wrong. */
  check(username: string, password: string): Promise<ExternalPerson | undefined>
  probe(): Promise<void>
}

export type Connector = RedirectConnector | PasswordConnector

export interface ConnectorParts {
  readonly provider: IdentityProvider
  /** What proves Flotilla to the provider. */
  readonly secret: string | undefined
  readonly fetch: GuardedFetch
  readonly guard: AddressGuard
}

/** The answer of a provider is not what it must be; whatever it was, nobody is signed in by it. */
export const refused = (provider: string, why: string, cause?: unknown): FlotillaError =>
  new FlotillaError('auth.refused', {
    message: `The answer of ${provider} was refused: ${why}`,
    remedy: 'Sign in again; if it stays so, an administrator looks at the settings of the identity provider',
    cause,
  })

/** The settings of its type, which admission makes sure of. */
export function settingsOf<T>(provider: IdentityProvider, settings: T | undefined): T {
  if (settings !== undefined) return settings
  throw new FlotillaError('input.invalid', {
    message: `The identity provider ${provider.metadata.name} has no settings of its type`,
    field: `spec.${provider.spec.type}`,
  })
}

export function secretOf({ provider, secret }: ConnectorParts): string {
  if (secret !== undefined) return secret
  throw new FlotillaError('input.invalid', {
    message: `The secret of the identity provider ${provider.metadata.name} is not there`,
    remedy: `Give it in the settings, or with: flotilla provider secret ${provider.metadata.name}`,
  })
}
