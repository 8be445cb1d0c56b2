import { FlotillaError } from '@flotilla/model'
import type { ClientAuth, Configuration, CustomFetch } from 'openid-client'
import { type ConnectorParts, type RedirectConnector, refused, settingsOf } from './connector.ts'
import { isRecord, readField, readPerson } from './read-person.ts'

/** How long what the issuer says of itself is kept; its keys are asked for again when one is not known. */
const keptMs = 10 * 60_000
const timeoutSeconds = 10

/**
 * OpenID Connect Core 1.0, authorization code flow with PKCE (RFC 7636, S256), state, nonce, and the issuer in the
 * answer (RFC 9207). The ID token's signature is checked, too, although it comes over TLS.
 */
export function oidcConnector(parts: ConnectorParts): RedirectConnector {
  const { provider, secret } = parts
  const { name } = provider.metadata
  const settings = settingsOf(provider, provider.spec.oidc)
  let kept: { readonly until: number; readonly configuration: Promise<Configuration> } | undefined

  const discover = async (): Promise<Configuration> => {
    const client = await import('openid-client')
    const issuer = new URL(settings.issuer)
    const customFetch: CustomFetch = async (url, { method, headers, body, signal }) =>
      await parts.fetch(url, { method, headers, body: bodyText(body), signal })
    return await client.discovery(issuer, settings.clientId, undefined, clientAuth(client, secret), {
      [client.customFetch]: customFetch,
      timeout: timeoutSeconds,
      // whether plain HTTP is allowed is decided by the guarded fetch, for each host
      execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks],
    })
  }
  const configuration = async (): Promise<Configuration> => {
    const now = performance.now()
    if (kept !== undefined && kept.until > now) return await kept.configuration
    const asked = discover()
    kept = { until: now + keptMs, configuration: asked }
    asked.catch(() => {
      if (kept?.configuration === asked) kept = undefined
    })
    return await asked
  }

  const said = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (thrown) {
      throw asRefusal(name, thrown)
    }
  }

  return {
    form: 'redirect',
    begin: (flow, redirectUri) =>
      said(async () => {
        const client = await import('openid-client')
        return client.buildAuthorizationUrl(await configuration(), {
          response_type: 'code',
          redirect_uri: redirectUri,
          scope: [...new Set(['openid', ...settings.scopes])].join(' '),
          state: flow.state,
          nonce: flow.nonce,
          code_challenge: await client.calculatePKCECodeChallenge(flow.verifier),
          code_challenge_method: 'S256',
        })
      }),
    finish: (flow, callback) =>
      said(async () => {
        const client = await import('openid-client')
        const known = await configuration()
        const tokens = await client
          .authorizationCodeGrant(known, callback, {
            expectedState: flow.state,
            expectedNonce: flow.nonce,
            pkceCodeVerifier: flow.verifier,
            idTokenExpected: true,
          })
          .catch((thrown: unknown) => {
            // its keys may be others by now; whatever it says itself is not about that, and anybody can make it say so
            if (!saysItself(thrown)) kept = undefined
            throw thrown
          })
        const claims: Record<string, unknown> = { ...tokens.claims() }
        const { nameClaim, emailClaim, groupsClaim } = settings
        const wanted = [nameClaim, emailClaim, groupsClaim]
        if (
          wanted.some((claim) => readField(claims, claim) === undefined) &&
          known.serverMetadata().userinfo_endpoint !== undefined
        ) {
          const more: unknown = await client.fetchUserInfo(known, tokens.access_token, String(claims['sub']))
          // what the signed token says counts first
          if (isRecord(more)) for (const [key, value] of Object.entries(more)) claims[key] ??= value
        }
        return readPerson(name, {
          subject: claims['sub'],
          name: readField(claims, nameClaim) ?? claims['preferred_username'],
          email: readField(claims, emailClaim),
          groups: readField(claims, groupsClaim),
        })
      }),
    probe: () => said(async () => void (await configuration())),
  }
}

/** By HTTP Basic where the provider takes it, as OpenID Connect has it by default; else in the body. */
function clientAuth(client: typeof import('openid-client'), secret: string | undefined): ClientAuth {
  if (secret === undefined) return client.None()
  const basic = client.ClientSecretBasic(secret)
  const post = client.ClientSecretPost(secret)
  return (server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
    return (methods.includes('client_secret_basic') ? basic : post)(server, ...rest)
  }
}

function bodyText(body: unknown): string | URLSearchParams | undefined {
  if (body === undefined || body === null) return undefined
  if (typeof body === 'string' || body instanceof URLSearchParams) return body
  throw new TypeError('a body of another form is not sent')
}

/** In our words; what the provider wrote beside its error code is not repeated. */
function asRefusal(provider: string, thrown: unknown): FlotillaError {
  let cause = thrown
  for (let depth = 0; depth < 4 && cause !== undefined; depth++) {
    if (cause instanceof FlotillaError) return cause
    const { error, code } = isError(cause) ? cause : {}
    if (typeof error === 'string') return refused(provider, `it says ${error.slice(0, 80)}`, thrown)
    if (code === 'OAUTH_TIMEOUT')
      return new FlotillaError('provider.unreachable', {
        message: `${provider} does not answer in time`,
        cause: thrown,
      })
    cause = cause instanceof Error ? cause.cause : undefined
  }
  return refused(provider, thrown instanceof Error ? thrown.message : 'it cannot be read', thrown)
}

const saysItself = (thrown: unknown): boolean => isError(thrown) && typeof thrown.error === 'string'
const isError = (value: unknown): value is { readonly error?: unknown; readonly code?: unknown } =>
  value instanceof Error
