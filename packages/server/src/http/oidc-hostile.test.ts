import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, test } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import {
  beginAt,
  codeOf,
  finishAt,
  identityProvider,
  type ProviderFixture,
  providerFixture,
} from './testing/provider-fixture.ts'

interface Issued {
  readonly issuer: string
  readonly nonce: string
  readonly keys: Awaited<ReturnType<typeof generateKeyPair>>
}
type Tampered = (issued: Issued) => Promise<string>

const sign = async (
  { issuer, nonce, keys }: Issued,
  change: { claims?: object; header?: object; key?: Issued['keys']['privateKey'] } = {},
): Promise<string> =>
  await new SignJWT({
    iss: issuer,
    aud: 'flotilla',
    sub: 's-1',
    nonce,
    iat: Math.floor(Date.now() / 1000),
    exp: Math.floor(Date.now() / 1000) + 300,
    ...change.claims,
  })
    .setProtectedHeader({ alg: 'RS256', kid: 'k', ...change.header })
    .sign(change.key ?? keys.privateKey)

const hostile: Record<string, Tampered> = {
  'an ID token without a signature (alg: none)': ({ issuer, nonce }) =>
    Promise.resolve(
      new UnsecuredJWT({ nonce })
        .setIssuer(issuer)
        .setAudience('flotilla')
        .setSubject('s-1')
        .setIssuedAt()
        .setExpirationTime('5m')
        .encode(),
    ),
  'one that is signed with a key of somebody else': async (issued) =>
    await sign(issued, { key: (await generateKeyPair('RS256')).privateKey }),
  'one that is signed with the public key as a shared secret (HS256)': async (issued) => {
    const secret = Buffer.from(JSON.stringify(await exportJWK(issued.keys.publicKey)))
    return await new SignJWT({ iss: issued.issuer, aud: 'flotilla', sub: 's-1', nonce: issued.nonce })
      .setProtectedHeader({ alg: 'HS256', kid: 'k' })
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(secret)
  },
  'one for another audience': (issued) => sign(issued, { claims: { aud: 'another-client' } }),
  'one of another issuer': (issued) => sign(issued, { claims: { iss: 'https://evil.example' } }),
  'one with the nonce of another sign-in': (issued) => sign(issued, { claims: { nonce: 'another' } }),
  'one without a nonce': (issued) => sign(issued, { claims: { nonce: undefined } }),
  'one that is over': (issued) => sign(issued, { claims: { exp: Math.floor(Date.now() / 1000) - 600 } }),
  'one that is not valid yet': (issued) => sign(issued, { claims: { nbf: Math.floor(Date.now() / 1000) + 600 } }),
  'one without a subject': (issued) => sign(issued, { claims: { sub: undefined } }),
  'one whose subject is no text': (issued) => sign(issued, { claims: { sub: 7 } }),
  'one for several audiences that was asked for by another': (issued) =>
    sign(issued, { claims: { aud: ['flotilla', 'another-client'], azp: 'another-client' } }),
  'one that brings its own key': async (issued) => {
    const own = await generateKeyPair('RS256', { extractable: true })
    return await sign(issued, { key: own.privateKey, header: { jwk: await exportJWK(own.publicKey) } })
  },
  'one that says where its key is': async (issued) => {
    const { privateKey } = await generateKeyPair('RS256')
    return await sign(issued, { key: privateKey, header: { jku: 'https://evil.example/jwks', kid: 'evil' } })
  },
  'one with a critical header that nobody knows': (issued) => sign(issued, { header: { crit: ['x'], x: 1 } }),
}

/** The first of them that have an answer. */
function firstOf<T>(all: readonly Promise<T>[], wanted: number): Promise<T[]> {
  const { promise, resolve, reject } = Promise.withResolvers<T[]>()
  const found: T[] = []
  for (const one of all) one.then((it) => (found.push(it) === wanted ? resolve([...found]) : undefined), reject)
  return promise
}

describe('an issuer that answers wrong (a stand-in that signs what the case wants)', () => {
  let server: Server
  let fixture: ProviderFixture
  let issuer = ''
  let keys: Issued['keys']
  let idToken: Tampered = (issued) => sign(issued)
  let nonce = ''
  let tokenAnswer: { status: number; location?: string } = { status: 200 }
  let discovered: Record<string, unknown> = {}
  let asked: string[] = []
  let userinfo: object = {}

  before(async () => {
    keys = await generateKeyPair('RS256', { extractable: true })
    server = createServer((request, response) => {
      const path = new URL(request.url ?? '/', issuer).pathname
      asked.push(path)
      const say = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
        response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
      if (path === '/.well-known/openid-configuration')
        return say({
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/jwks`,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
          ...discovered,
        })
      // nothing is answered
      if (path.startsWith('/slow/')) return undefined
      if (path === '/jwks')
        return void exportJWK(keys.publicKey).then((jwk) =>
          say({ keys: [{ ...jwk, kid: 'k', alg: 'RS256', use: 'sig' }] }),
        )
      if (path === '/userinfo') return say(userinfo)
      if (path !== '/token') return say({}, 404)
      if (tokenAnswer.location !== undefined) return say({}, tokenAnswer.status, { location: tokenAnswer.location })
      return void idToken({ issuer, nonce, keys }).then(
        (id_token) => say({ access_token: 'a', token_type: 'bearer', id_token }),
        (thrown: unknown) => say({ error: String(thrown) }, 500),
      )
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
    issuer = `http://${host}`
    fixture = await providerFixture([host])
    fixture.secrets.set('identity-provider-corp', 'secret')
  })
  after(async () => {
    await fixture.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  let generation = 1
  /** Another generation: what it says of itself is asked for anew. */
  const renew = (): void => {
    const provider = identityProvider('corp', { type: 'oidc', oidc: { issuer, clientId: 'flotilla' } })
    fixture.state.identityProviders.put({ ...provider, metadata: { ...provider.metadata, generation: ++generation } })
  }
  beforeEach(() => {
    renew()
    idToken = (issued) => sign(issued)
    tokenAnswer = { status: 200 }
    discovered = {}
    asked = []
  })

  async function signIn() {
    const { url, flow, answer } = await beginAt(fixture, 'corp')
    if (answer.statusCode !== 200) return answer
    const { searchParams } = new URL(url)
    nonce = searchParams.get('nonce') ?? ''
    const back = new URLSearchParams({ code: 'c', state: searchParams.get('state') ?? '' })
    return (await finishAt(fixture, 'corp', flow, `?${back.toString()}`)).answer
  }

  test('is taken when everything is right', async () => {
    assert.equal((await signIn()).statusCode, 201)
  })

  for (const [name, tampered] of Object.entries(hostile)) {
    test(`is refused with ${name}`, async () => {
      idToken = tampered
      const before = fixture.state.users.list().length
      const answer = await signIn()
      assert.equal(codeOf(answer), 'auth.refused', answer.body)
      assert.equal(fixture.state.users.list().length, before)
    })
  }

  test('is refused when it tells of another person than it signed for', async () => {
    discovered = { userinfo_endpoint: `${issuer}/userinfo` }
    for (const other of [{ sub: 'root', name: 'Root' }, { name: 'Root' }, {}]) {
      userinfo = other
      assert.equal(codeOf(await signIn()), 'auth.refused')
    }
  })

  test('names groups as ours are, and nobody has one of ours by them', async () => {
    const groups = ['system:masters', 'flotilla:platform:admin', 'flotilla:workspace:uid-retail:admin', 'admin']
    idToken = (issued) => sign(issued, { claims: { groups, roles: groups, sub: 'admin', name: 'admin', email: 'a@b' } })
    const { person } = (await signIn()).json<{ person: { name: string; groups: string[]; roles: object[] } }>()
    assert.deepEqual([person.groups, person.roles], [[], []])
    assert.match(person.name, /^corp-[0-9a-f]{20}$/)
  })

  test('is taken with ten thousand groups, of which some count, and with a clock that is a little off', async () => {
    const now = Math.floor(Date.now() / 1000)
    const groups = Array.from({ length: 10_000 }, (_, at) => `group-${at}`)
    idToken = (issued) => sign(issued, { claims: { groups, exp: now - 10, sub: 's-many' } })
    assert.equal((await signIn()).statusCode, 201)
    const many = fixture.state.users.list().find(({ spec }) => spec.identity?.subject === 's-many')
    assert.equal(many?.status?.groups?.length, 500)
  })

  test('is taken again soon after its keys are others', async () => {
    assert.equal((await signIn()).statusCode, 201)
    const before = keys
    keys = await generateKeyPair('RS256', { extractable: true })
    await signIn()
    assert.equal((await signIn()).statusCode, 201)
    keys = before
  })

  test('sends nobody to an address that the console would carry out', async () => {
    for (const address of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd']) {
      renew()
      discovered = { authorization_endpoint: address }
      assert.equal(codeOf(await signIn()), 'auth.refused', address)
    }
  })

  test('that answers nothing holds up nobody of another provider', async () => {
    const oidc = { issuer: `${issuer}/slow/issuer`, clientId: 'flotilla' }
    fixture.state.identityProviders.put(identityProvider('slow', { type: 'oidc', oidc }))
    const beginFrom = (address: string) => beginAt(fixture, 'slow', undefined, address)
    const stranger = Array.from({ length: 90 }, (_, at) => beginFrom(`2001:db8::${at}`))
    const refusals = await firstOf(stranger, 82)
    assert.ok(refusals.every(({ answer }) => codeOf(answer) === 'server.busy' && 'retry-after' in answer.headers))
    // one address leaves turns to the others; all of them together do not
    const waiting = [...stranger, ...Array.from({ length: 73 }, (_, at) => beginFrom(`192.0.2.${at}`))]
    const refused = await Promise.race(waiting.slice(90))
    assert.equal(codeOf(refused.answer), 'server.busy')
    assert.equal((await signIn()).statusCode, 201)
    fixture.state.identityProviders.remove('', 'slow')
    server.closeAllConnections()
    const answers = await Promise.all(waiting)
    assert.equal(answers.slice(90).filter(({ answer }) => codeOf(answer) === 'server.busy').length, 1)
  })

  test('is refused when it says that it is another issuer', async () => {
    discovered = { issuer: 'https://evil.example' }
    assert.equal(codeOf(await signIn()), 'auth.refused')
  })

  test('is not followed to where it redirects', async () => {
    for (const status of [301, 302, 307, 308]) {
      tokenAnswer = { status, location: `${issuer}/secrets` }
      assert.equal(codeOf(await signIn()), 'auth.refused')
    }
    assert.equal(asked.includes('/secrets'), false)
  })

  test('is not asked at addresses that the administrator did not list, nor without encryption', async () => {
    for (const endpoint of ['http://127.0.0.1:1/token', 'https://127.0.0.1:1/token', 'https://169.254.169.254/token']) {
      renew()
      discovered = { token_endpoint: endpoint }
      assert.equal(codeOf(await signIn()), 'address.refused', endpoint)
    }
    for (const refused of ['http://127.0.0.1:1', 'https://localhost', 'https://[::1]', 'http://flotilla.example']) {
      fixture.state.identityProviders.put(
        identityProvider('corp', { type: 'oidc', oidc: { issuer: refused, clientId: 'flotilla' } }, `uid-${refused}`),
      )
      assert.equal(codeOf(await signIn()), 'address.refused', refused)
    }
  })

  test('makes nobody wait or pay for an answer without end', async () => {
    discovered = { filler: 'x'.repeat(2 * 1024 * 1024) }
    assert.equal(codeOf(await signIn()), 'input.too_large')
  })

  test('says nothing of the secret or of a code in what is refused', async () => {
    fixture.secrets.set('identity-provider-corp', 'planted-secret')
    idToken = () => Promise.resolve('not a token planted-secret')
    const answer = await signIn()
    assert.equal(codeOf(answer), 'auth.refused')
    assert.equal(answer.body.includes('planted-secret'), false)
  })
})
