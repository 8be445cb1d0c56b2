import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { User } from '@flotilla/model'
import { csrf, type HttpFixture, httpFixture, membership, password, project, signIn } from './testing/http-fixture.ts'
import { identityProvider } from './testing/provider-fixture.ts'

let fixture: HttpFixture
before(async () => {
  fixture = await httpFixture()
  const { state } = fixture
  state.projects.put({ ...project('shop', 'retail'), status: { namespace: 'pj-shop' } })
  state.projects.put({ ...project('other', 'elsewhere'), status: { namespace: 'pj-other' } })
  fixture.host.allow = ({ groups }) => groups.includes('flotilla:platform:admin')
})
after(() => fixture.close())

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
const ask = async (headers: object, method: Method, url: string, payload?: object) => {
  const answer = await fixture.http.app.inject({
    method,
    url: `/api/v1${url}`,
    headers: { ...csrf, ...headers },
    ...(payload === undefined ? {} : { payload }),
  })
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>(), text: answer.body }
}
const make = async (headers: object, body: object = {}) => {
  const { status, body: made, text } = await ask(headers, 'POST', '/tokens', { name: 'build', ...body })
  assert.equal(status, 201, text)
  return { id: String(made['id']), bearer: { authorization: `Bearer ${String(made['token'])}` }, made }
}
const me = async (bearer: object) => {
  const { status, body } = await ask(bearer, 'GET', '/session')
  return { status, kind: body['kind'], person: body['person'] as { name: string; groups: string[] } | undefined }
}
const question = { questions: [{ verb: 'list', resource: 'clusters' }] }

describe('an API token', () => {
  let dora: { authorization: string }
  beforeEach(async () => {
    dora = await signIn(fixture, 'dora')
  })

  test('is shown once and kept as a hash, and its last use is listed', async () => {
    const { id, bearer, made } = await make(dora)
    const token = bearer.authorization.slice('Bearer '.length)
    assert.match(token, /^flt_/)
    assert.equal(await fixture.store.apiTokens.get(token), undefined)
    const listed = async () => await ask(dora, 'GET', '/tokens')
    assert.equal((await listed()).text.includes(token), false)
    assert.equal(made['lastUsedAt'], undefined)
    assert.deepEqual(await me(bearer).then(({ status, kind, person }) => [status, kind, person?.name]), [
      200,
      'token',
      'dora',
    ])
    const row = (await listed()).body['items'] as { id: string; lastUsedAt?: string }[]
    assert.ok(row.find((one) => one.id === id)?.lastUsedAt)
  })

  test('that only reads is refused a change, and reads what its person may', async () => {
    const { bearer } = await make(dora, { access: 'read' })
    assert.equal((await ask(bearer, 'GET', '/projects')).status, 200)
    assert.equal((await ask(bearer, 'POST', '/access/check', question)).status, 200)
    const refused = await ask(bearer, 'POST', '/projects/shop/applications/web/pause', {})
    assert.equal(refused.status, 403)
    assert.match(refused.text, /only reads/)
  })

  test('makes no token, ends no session and changes no password: whoever stole it could stay', async () => {
    const { bearer, id } = await make(dora, { access: 'write' })
    for (const [method, url, body] of [
      ['POST', '/tokens', { name: 'more' }],
      ['GET', '/tokens'],
      ['DELETE', `/tokens/${id}`],
      ['DELETE', '/session'],
    ] as const)
      assert.equal((await ask(bearer, method, url, body)).status, 403, url)
    // nor of an administrator, for themselves or for others
    const all = await make(await signIn(fixture, 'admin'), { access: 'write' })
    for (const [method, url, body] of [
      ['PUT', '/users/admin/password', { password: 'a long enough one' }],
      ['PUT', '/users/dora/password', { password: 'a long enough one' }],
      ['PUT', '/session/password', { currentPassword: password, newPassword: 'a long enough one' }],
      ['POST', '/session/command-line', { challenge: 'c'.repeat(43) }],
      ['POST', '/tokens', { name: 'more', user: 'robot' }],
      ['GET', '/tokens?user=dora'],
    ] as const) {
      const { status, text } = await ask(all.bearer, method, url, body)
      assert.equal(status, 403, url)
      assert.match(text, /API token does not do this/)
    }
  })

  test('in another form than a header, or damaged, is none', async () => {
    const { bearer } = await make(dora, { access: 'write' })
    const token = bearer.authorization.slice('Bearer '.length)
    for (const headers of [
      { cookie: `flotilla-session=${token.slice(0, -1)}` },
      { authorization: `Basic ${Buffer.from(`dora:${token}`).toString('base64')}` },
      { authorization: `Bearer ${token}, Bearer ${token}` },
      { authorization: `Bearer  ${token}` },
      { authorization: `Bearer ${token.slice(0, -1)}` },
      { authorization: `Bearer ${token}A` },
      { authorization: `Bearer ${token.toUpperCase()}` },
      { authorization: `Bearer ${token.replace('flt_', 'flo_')}` },
      { 'x-api-key': token },
    ])
      assert.equal((await me(headers)).status, 401, JSON.stringify(Object.keys(headers)))
    for (const query of ['token', 'access_token', 'authorization'])
      assert.equal((await ask({}, 'GET', `/session?${query}=${token}`)).status, 401)
  })

  test('is over at once when it is revoked, and when its time is', async () => {
    const { bearer, id } = await make(dora, { days: 1 })
    assert.equal((await me(bearer)).status, 200)
    assert.equal((await ask(dora, 'DELETE', `/tokens/${id}`)).status, 200)
    assert.equal((await me(bearer)).status, 401)
    assert.equal((await ask(dora, 'DELETE', `/tokens/${id}`)).status, 404)
    const short = await make(dora, { days: 1 })
    fixture.ahead = 25 * 3_600_000
    assert.equal((await me(short.bearer)).status, 401)
    fixture.ahead = 0
  })

  test('never has more than its person has now', async () => {
    const { bearer } = await make(dora, { access: 'write' })
    const groups = async () => (await me(bearer)).person?.groups
    assert.deepEqual(await groups(), ['flotilla:workspace:uid-retail:developer'])
    fixture.state.memberships.remove('ws-retail', 'dora-developer')
    assert.deepEqual(await groups(), [])
    fixture.state.memberships.put(membership('dora', 'ws-retail', 'developer'))
    const user = fixture.state.users.get('', 'dora')
    assert.ok(user)
    fixture.state.users.put({ ...user, spec: { ...user.spec, disabled: true } })
    assert.equal((await me(bearer)).status, 401)
    fixture.state.users.put(user)
  })

  test('for a project has only the roles of that project, those of its workspace too', async () => {
    const { bearer } = await make(dora, { project: 'shop' })
    const groups = async () => (await me(bearer)).person?.groups
    assert.deepEqual(await groups(), ['flotilla:project:uid-shop:developer'])
    fixture.state.memberships.put(membership('dora', 'pj-shop', 'operator'))
    assert.deepEqual(await groups(), ['flotilla:project:uid-shop:developer', 'flotilla:project:uid-shop:operator'])
    fixture.state.memberships.remove('pj-shop', 'dora-operator')
    fixture.state.memberships.remove('ws-retail', 'dora-developer')
    assert.deepEqual(await groups(), [])
    fixture.state.memberships.put(membership('dora', 'ws-retail', 'developer'))
    // another project of that name is another one
    const shop = fixture.state.projects.get('ws-retail', 'shop')
    assert.ok(shop)
    fixture.state.projects.put({ ...shop, metadata: { ...shop.metadata, uid: 'uid-of-a-later-shop' } })
    assert.deepEqual(await groups(), [])
    fixture.state.projects.put(shop)
  })

  test('for a project in which one has no role is not made, whether there is such a project or not', async () => {
    for (const project of ['other', 'nowhere']) {
      const { status, body } = await ask(dora, 'POST', '/tokens', { name: 'x', project })
      assert.equal(status, 404)
      assert.equal((body['error'] as { field: string }).field, 'project')
    }
  })

  test('of an administrator for a project is one of the project, and a viewer of the platform gets none', async () => {
    const admin = await signIn(fixture, 'admin')
    const { bearer } = await make(admin, { project: 'shop' })
    assert.deepEqual((await me(bearer)).person?.groups, ['flotilla:project:uid-shop:admin'])
    fixture.state.memberships.put(membership('eve', 'flotilla-system', 'viewer'))
    assert.equal(
      (await ask(await signIn(fixture, 'eve'), 'POST', '/tokens', { name: 'x', project: 'shop' })).status,
      404,
    )
    fixture.state.memberships.remove('flotilla-system', 'eve-viewer')
  })

  test('of somebody else is seen and revoked by who may change people, and by nobody else', async () => {
    const { id, bearer } = await make(dora)
    const admin = await signIn(fixture, 'admin')
    const eve = await signIn(fixture, 'eve')
    for (const method of ['GET', 'DELETE'] as const)
      assert.equal(
        (await ask(eve, method, method === 'GET' ? '/tokens?user=dora' : `/tokens/${id}?user=dora`)).status,
        403,
      )
    assert.equal((await ask(eve, 'DELETE', `/tokens/${id}`)).status, 404)
    assert.equal((await ask(admin, 'GET', '/tokens?user=dora')).text.includes(id), true)
    assert.equal((await ask(admin, 'DELETE', `/tokens/${id}?user=dora`)).status, 200)
    assert.equal((await me(bearer)).status, 401)
  })

  test('of a person of a provider rests when the provider has not vouched for them in long', async () => {
    const { state } = fixture
    state.identityProviders.put(
      identityProvider('corp', { type: 'wecom', wecom: { corpId: 'c', agentId: '1' }, tokenDays: 2 }),
    )
    const eve = state.users.get('', 'eve')
    assert.ok(eve)
    const seen = (at: number) =>
      state.users.put(
        User.parse({
          ...eve,
          spec: { identity: { provider: 'corp', providerUid: 'uid-corp', subject: 's' } },
          status: { seenAt: new Date(at).toISOString() },
        }),
      )
    const session = await signIn(fixture, 'eve')
    seen(Date.now())
    const { bearer } = await make(session)
    assert.equal((await me(bearer)).status, 200)
    seen(Date.now() - 49 * 3_600_000)
    assert.equal((await me(bearer)).status, 401)
    seen(Date.now())
    assert.equal((await me(bearer)).status, 200)
    state.users.put(eve)
  })
})
