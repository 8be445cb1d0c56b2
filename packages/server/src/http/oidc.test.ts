import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Membership } from '@flotilla/model'
import { type RunningOidc, startOidc } from '../access/providers/testing/start-oidc.ts'
import {
  beginAt,
  callbackOf,
  codeOf,
  finishAt,
  identityProvider,
  meWith,
  type ProviderFixture,
  providerFixture,
} from './testing/provider-fixture.ts'

const client = { clientId: 'flotilla', clientSecret: 'a client secret of the test', redirectUris: [callbackOf('corp')] }
let oidc: RunningOidc
let fixture: ProviderFixture

const corp = (spec: object = {}, uid?: string) =>
  identityProvider('corp', { type: 'oidc', oidc: { issuer: oidc.issuer, clientId: 'flotilla' }, ...spec }, uid)
const groupMembership = (group: string, role = 'developer', providerUid = 'uid-corp') =>
  Membership.parse({
    apiVersion: 'flotilla.dev/v1alpha1',
    kind: 'Membership',
    metadata: { name: `${group}-${role}`, namespace: 'ws-retail', uid: `uid-${group}` },
    spec: { group: { provider: 'corp', name: group }, role },
    status: { providerUid },
  })

before(async () => {
  oidc = await startOidc(client)
  fixture = await providerFixture([oidc.host])
  fixture.secrets.set('identity-provider-corp', client.clientSecret)
  fixture.state.identityProviders.put(corp())
  oidc.accounts.set('s-1', { name: 'Dora Lin', email: 'dora@example.com', groups: ['retail', 'staff'] })
})
after(async () => {
  await fixture.close()
  await oidc.close()
})

async function signIn(account = 's-1', next?: string) {
  const { url, flow } = await beginAt(fixture, 'corp', next)
  const back = await oidc.authorize(url, account)
  return { back, flow, ...(await finishAt(fixture, 'corp', flow, back.search)) }
}

describe('signing in through a real OpenID provider (a stand-in for the host)', () => {
  test('makes a person with no role, whose name and address come from the provider', async () => {
    const { answer, back, session } = await signIn('s-1', '/apps?q=web')
    assert.equal(answer.statusCode, 201, answer.body)
    assert.equal(new URL(back.pathname, back.origin).href, callbackOf('corp'))
    assert.equal(answer.json<{ next: string }>().next, '/apps?q=web')
    assert.equal(JSON.stringify(answer.json()).includes(session ?? '-'), false)
    const { person } = await meWith(fixture, session)
    assert.deepEqual([person?.displayName, person?.email], ['Dora Lin', 'dora@example.com'])
    assert.deepEqual(person?.groups, [])
  })

  test('finds the same person again by the subject, and another one behind the same address and name', async () => {
    const first = await meWith(fixture, (await signIn()).session)
    oidc.accounts.set('s-2', { name: 'Dora Lin', email: 'dora@example.com' })
    const other = await meWith(fixture, (await signIn('s-2')).session)
    oidc.accounts.set('s-1', { name: 'Dora Wang', email: 'wang@example.com', groups: ['retail'] })
    const again = await meWith(fixture, (await signIn()).session)
    assert.equal(again.person?.name, first.person?.name)
    assert.equal(again.person?.displayName, 'Dora Wang')
    assert.notEqual(other.person?.name, first.person?.name)
  })

  test('gives the roles of the groups that the provider names, until it does not name them at the next sign-in', async () => {
    fixture.state.memberships.put(groupMembership('retail'))
    const { session } = await signIn()
    assert.deepEqual((await meWith(fixture, session)).person?.groups, ['flotilla:workspace:uid-retail:developer'])
    oidc.accounts.set('s-1', { name: 'Dora', groups: ['staff'] })
    await signIn()
    assert.deepEqual((await meWith(fixture, session)).person?.groups, [], 'also in the session that was open')
  })

  test('gives nothing by a Membership that was made for an earlier provider of that name', async () => {
    oidc.accounts.set('s-1', { name: 'Dora', groups: ['retail'] })
    fixture.state.memberships.put(groupMembership('retail', 'developer', 'uid of an earlier one'))
    assert.deepEqual((await meWith(fixture, (await signIn()).session)).person?.groups, [])
  })

  test('ends what is open when the provider or the person is disabled, or the provider is another one', async () => {
    const { session } = await signIn()
    const status = async () => (await meWith(fixture, session)).status
    const { person } = await meWith(fixture, session)
    assert.equal(await status(), 200)
    fixture.state.identityProviders.put(corp({ disabled: true }))
    assert.equal(await status(), 401)
    assert.equal((await beginAt(fixture, 'corp')).answer.statusCode, 404)
    fixture.state.identityProviders.put(corp({}, 'uid-of-a-later-one'))
    assert.equal(await status(), 401)
    fixture.state.identityProviders.put(corp())
    assert.equal(await status(), 200)
    const user = fixture.state.users.get('', person?.name ?? '')
    assert.ok(user)
    fixture.state.users.put({ ...user, spec: { ...user.spec, disabled: true } })
    assert.equal(await status(), 401)
    assert.equal(codeOf((await signIn()).answer), 'auth.forbidden')
    fixture.state.users.put({ ...user, spec: { ...user.spec, disabled: false } })
  })

  test('bounds the session by what the provider says', async () => {
    const { answer } = await signIn()
    const { expiresAt } = answer.json<{ expiresAt: string }>()
    assert.ok(Math.abs(Date.parse(expiresAt) - Date.now() - 12 * 3_600_000) < 60_000)
    fixture.state.identityProviders.put(corp({ sessionHours: 1 }))
    const short = (await signIn()).answer.json<{ expiresAt: string }>()
    assert.ok(Date.parse(short.expiresAt) - Date.now() < 3_660_000)
    fixture.state.identityProviders.put(corp())
  })

  test('is offered on the sign-in page without anything secret', async () => {
    const answer = await fixture.http.app.inject({ url: '/api/v1/sign-in' })
    assert.deepEqual(answer.json(), { password: true, providers: [{ name: 'corp', type: 'oidc', form: 'redirect' }] })
  })
})

describe('what an attacker brings back from a real OpenID provider is refused:', () => {
  test('a state of another sign-in, none, or two', async () => {
    for (const change of [
      (search: URLSearchParams) => search.set('state', 'x'.repeat(43)),
      (search: URLSearchParams) => search.delete('state'),
      (search: URLSearchParams) => search.append('state', search.get('state') ?? ''),
    ]) {
      const { url, flow } = await beginAt(fixture, 'corp')
      const back = await oidc.authorize(url, 's-1')
      change(back.searchParams)
      const { answer, session } = await finishAt(fixture, 'corp', flow, back.search)
      assert.equal(codeOf(answer), 'auth.refused')
      assert.equal(session, undefined)
    }
  })

  test("somebody else's code in one's own sign-in (PKCE)", async () => {
    const victim = await beginAt(fixture, 'corp')
    const stolen = await oidc.authorize(victim.url, 's-1')
    const own = await beginAt(fixture, 'corp')
    stolen.searchParams.set('state', new URL(own.url).searchParams.get('state') ?? '')
    const { answer } = await finishAt(fixture, 'corp', own.flow, stolen.search)
    assert.equal(codeOf(answer), 'auth.refused')
  })

  test('a code that was used', async () => {
    const { back, flow, answer } = await signIn()
    assert.equal(answer.statusCode, 201)
    assert.equal(codeOf((await finishAt(fixture, 'corp', flow, back.search)).answer), 'auth.refused')
  })

  test('the answer of another issuer (RFC 9207)', async () => {
    const { url, flow } = await beginAt(fixture, 'corp')
    const back = await oidc.authorize(url, 's-1')
    assert.equal(back.searchParams.get('iss'), oidc.issuer)
    for (const iss of ['https://evil.example', '']) {
      const mixed = new URL(back)
      if (iss === '') mixed.searchParams.delete('iss')
      else mixed.searchParams.set('iss', iss)
      assert.equal(codeOf((await finishAt(fixture, 'corp', flow, mixed.search)).answer), 'auth.refused')
    }
  })

  test('an answer without the cookie of the browser that began, or with one that was changed', async () => {
    const { url, flow } = await beginAt(fixture, 'corp')
    const back = await oidc.authorize(url, 's-1')
    for (const other of ['', `${flow.slice(0, -4)}AAAA`, 'x'])
      assert.equal(codeOf((await finishAt(fixture, 'corp', other, back.search)).answer), 'auth.refused')
  })

  test('a sign-in that was begun with another provider', async () => {
    fixture.state.identityProviders.put(
      identityProvider('other', { type: 'oidc', oidc: { issuer: oidc.issuer, clientId: 'flotilla' } }),
    )
    const { url, flow } = await beginAt(fixture, 'corp')
    const back = await oidc.authorize(url, 's-1')
    assert.equal(codeOf((await finishAt(fixture, 'other', flow, back.search)).answer), 'auth.refused')
    fixture.state.identityProviders.remove('', 'other')
  })

  test('a path to go on to that leads elsewhere', async () => {
    for (const next of [
      '//evil.example',
      '/\\evil.example',
      'https://evil.example',
      '/\t/evil.example',
      'javascript:1',
    ]) {
      const { answer } = await signIn('s-1', next)
      assert.equal(answer.json<{ next: string }>().next, '/', next)
    }
  })

  test('a redirect address made of what the request says', async () => {
    const answer = await fixture.http.app.inject({
      method: 'POST',
      url: '/api/v1/sign-in/corp',
      headers: { 'x-flotilla-request': '1', host: 'evil.example', 'x-forwarded-host': 'evil.example' },
      payload: {},
    })
    const url = new URL(answer.json<{ url: string }>().url)
    assert.equal(url.searchParams.get('redirect_uri'), callbackOf('corp'))
    assert.equal(url.searchParams.get('code_challenge_method'), 'S256')
  })

  test('a sign-in that another site makes the browser begin or finish', async () => {
    for (const url of ['/api/v1/sign-in/corp', '/api/v1/sign-in/corp/answer']) {
      const ask = (headers: Record<string, string>) =>
        fixture.http.app.inject({ method: 'POST', url, headers, payload: { parameters: '' } })
      assert.equal(codeOf(await ask({})), 'request.csrf')
      assert.equal(codeOf(await ask({ 'x-flotilla-request': '1', origin: 'https://evil.example' })), 'request.csrf')
    }
  })
})
