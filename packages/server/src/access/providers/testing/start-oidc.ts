import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair } from 'jose'
import { type Context, Provider } from 'oidc-provider'

export interface AccountClaims {
  readonly name?: string
  readonly email?: string
  readonly groups?: readonly string[]
}

export interface RunningOidc {
  readonly issuer: string
  readonly host: string
  /** Subject -> what is said of them. */
  readonly accounts: Map<string, AccountClaims>
  /** Signs in whoever `account` names; gives the address that the browser is sent back to. */
  authorize(url: string, account: string): Promise<URL>
  close(): Promise<void>
}

export interface OidcClient {
  readonly clientId: string
  readonly clientSecret: string
  readonly redirectUris: readonly string[]
}

/** A real OpenID provider (the package oidc-provider) on loopback, whose sign-in page asks nothing. */
export async function startOidc(client: OidcClient): Promise<RunningOidc> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // listening on TCP
  const host = `127.0.0.1:${port}`
  const issuer = `http://${host}`
  const accounts = new Map<string, AccountClaims>()
  let signingIn = ''
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.clientId,
        client_secret: client.clientSecret,
        redirect_uris: client.redirectUris,
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    ],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig' }] },
    cookies: { keys: ['a key of the test'] },
    claims: { openid: ['sub'], profile: ['name', 'groups'], email: ['email'] },
    features: { devInteractions: { enabled: false } },
    pkce: { required: () => true },
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_: unknown, sub: string) => ({
      accountId: sub,
      claims: () => ({ sub, ...accounts.get(sub) }),
    }),
    loadExistingGrant: async ({ oidc }: Context) => {
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId })
      grant.addOIDCScope(oidc.params.scope)
      await grant.save()
      return grant
    },
    ttl: { AccessToken: 600, AuthorizationCode: 60, IdToken: 600, Interaction: 600, Session: 600, Grant: 600 },
  })
  const answer = provider.callback()
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/interaction/') !== true) return answer(request, response)
    provider.interactionFinished(request, response, { login: { accountId: signingIn } }).catch((thrown: unknown) => {
      response.writeHead(500).end(String(thrown))
    })
  })
  return {
    issuer,
    host,
    accounts,
    authorize: async (url, account) => {
      signingIn = account
      return await followRedirects(url, issuer)
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** As a browser of its own does: with cookies, until the provider sends it elsewhere. */
async function followRedirects(start: string, issuer: string): Promise<URL> {
  const cookies = new Map<string, string>()
  let url = new URL(start)
  for (let hops = 0; hops < 10; hops++) {
    if (url.origin !== issuer) return url
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url, { redirect: 'manual', headers: cookie === '' ? {} : { cookie } })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    const location = answer.headers.get('location')
    if (location === null)
      throw new Error(`the provider answered ${answer.status}: ${(await answer.text()).slice(0, 500)}`)
    url = new URL(location, url)
  }
  throw new Error('the provider redirects without end')
}
