import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { User } from '@flotilla/model'
import {
  csrf,
  type HttpFixture,
  httpFixture,
  membership,
  password,
  project,
  signIn,
  user,
  workspace,
} from './testing/http-fixture.ts'

/** dora is an administrator of the workspace retail, eve of other. */
describe('a service account', () => {
  let fixture: HttpFixture
  const ask = async (headers: object, method: 'GET' | 'POST' | 'DELETE' | 'PUT', url: string, payload?: object) => {
    const answer = await fixture.http.app.inject({
      method,
      url: `/api/v1${url}`,
      headers: { ...csrf, ...headers },
      ...(payload === undefined ? {} : { payload }),
    })
    return { status: answer.statusCode, body: answer.json<Record<string, unknown>>(), text: answer.body }
  }
  const service = (namespace: string, uid: string) =>
    User.parse({ ...user('robot'), spec: { service: { namespace, uid } } })
  before(async () => {
    fixture = await httpFixture()
    const { state } = fixture
    state.workspaces.put(workspace('other'))
    state.projects.put({ ...project('shop', 'retail'), status: { namespace: 'pj-shop' } })
    state.projects.put({ ...project('else', 'other'), status: { namespace: 'pj-else' } })
    state.memberships.put(membership('dora', 'ws-retail', 'admin'))
    state.memberships.put(membership('eve', 'ws-other', 'admin'))
    state.users.put(service('ws-retail', 'uid-retail'))
    fixture.host.allow = ({ groups, namespace, verb, resource }) =>
      resource === 'memberships' && ['grant', 'list'].includes(verb)
        ? groups.includes(`flotilla:workspace:uid-${namespace.slice(3)}:admin`)
        : groups.includes('flotilla:platform:admin')
  })
  after(() => fixture.close())
  const groupsOf = async (bearer: object) =>
    ((await ask(bearer, 'GET', '/session')).body['person'] as { groups: string[] } | undefined)?.groups
  const tokenFor = async (headers: object) => {
    const { status, body } = await ask(headers, 'POST', '/tokens', { name: 'ci', access: 'write', user: 'robot' })
    return { status, bearer: { authorization: `Bearer ${String(body['token'])}` } }
  }

  test('gets tokens from who gives roles where it belongs, and from nobody else', async () => {
    const { status, bearer } = await tokenFor(await signIn(fixture, 'dora'))
    assert.equal(status, 201)
    assert.deepEqual(await groupsOf(bearer), [])
    assert.equal((await tokenFor(await signIn(fixture, 'eve'))).status, 403)
    const admin = await signIn(fixture, 'admin')
    assert.equal((await ask(admin, 'POST', '/tokens', { name: 'x', user: 'dora' })).status, 403, 'nor does a person')
  })

  test('has roles where it belongs, and nothing by a role that is given elsewhere', async () => {
    const { state } = fixture
    const { bearer } = await tokenFor(await signIn(fixture, 'dora'))
    for (const [namespace, role] of [
      ['ws-retail', 'developer'],
      ['pj-shop', 'operator'],
      ['ws-other', 'admin'],
      ['pj-else', 'admin'],
      ['flotilla-system', 'admin'],
    ] as const)
      state.memberships.put({ ...membership('robot', namespace, role) })
    const own = ['flotilla:project:uid-shop:operator', 'flotilla:workspace:uid-retail:developer']
    assert.deepEqual(await groupsOf(bearer), own)
    state.users.put(service('pj-shop', 'uid-shop'))
    assert.deepEqual(await groupsOf(bearer), ['flotilla:project:uid-shop:operator'])
    // a later workspace or project of that name is another one
    state.users.put(service('ws-retail', 'uid of an earlier one'))
    assert.deepEqual(await groupsOf(bearer), [])
    state.users.put(service('ws-retail', 'uid-retail'))
    assert.deepEqual(await groupsOf(bearer), own)
  })

  test('has no password, and gets none', async () => {
    const admin = await signIn(fixture, 'admin')
    assert.equal((await ask(admin, 'PUT', '/users/robot/password', { password: 'a long enough one' })).status, 422)
    const hash = await fixture.store.passwords.get('uid-dora')
    assert.ok(hash)
    await fixture.store.passwords.put({ ...hash, userUid: 'uid-robot' })
    assert.equal((await ask({}, 'POST', '/session', { username: 'robot', password, kind: 'cli' })).status, 401)
  })

  test('is listed and removed by who gives roles there; a person is not removed as one', async () => {
    const [dora, eve] = [await signIn(fixture, 'dora'), await signIn(fixture, 'eve')]
    const listed = await ask(dora, 'GET', '/service-accounts?workspace=retail')
    assert.deepEqual(
      (listed.body['items'] as { name: string }[]).map(({ name }) => name),
      ['robot'],
    )
    assert.equal((await ask(eve, 'GET', '/service-accounts?workspace=retail')).status, 403)
    // she sees nothing of the place: it is not told where an account belongs, nor that there is one
    for (const [method, url, other] of [
      ['GET', '/tokens?user=', 'admin'],
      ['DELETE', `/tokens/${'0'.repeat(16)}?user=`, 'admin'],
      ['DELETE', '/service-accounts/', 'nobody'],
    ] as const) {
      const [robot, none] = await Promise.all(['robot', other].map((name) => ask(eve, method, `${url}${name}`)))
      assert.ok((robot?.status ?? 0) >= 403)
      assert.equal(robot?.text.replaceAll('robot', other), none?.text)
    }
    assert.equal((await ask(dora, 'DELETE', '/service-accounts/admin')).status, 404)
    assert.equal((await ask(eve, 'POST', '/service-accounts', { name: 'mine', workspace: 'retail' })).status, 403)
    fixture.state.memberships.put(membership('robot', 'ws-retail', 'viewer'))
    // what an administrator of another place wrote, perhaps for a person of that name, is not theirs to remove
    for (const namespace of ['ws-other', 'pj-else', 'flotilla-system'])
      fixture.state.memberships.put(membership('robot', namespace, 'admin'))
    const atHome = fixture.state.memberships
      .list()
      .filter(
        ({ spec, metadata }) => spec.user === 'robot' && ['ws-retail', 'pj-shop'].includes(metadata.namespace ?? ''),
      )
    fixture.host.written.length = 0
    const removed = await ask(dora, 'DELETE', '/service-accounts/robot')
    assert.equal(removed.status, 200, JSON.stringify(removed.body))
    assert.deepEqual(
      fixture.host.written.map(({ verb, key }) => [verb, (key as { kind: string }).kind]),
      [...atHome.map(() => ['delete', 'Membership']), ['delete', 'User']],
      'its roles go with it, and nobody else’s',
    )
  })
})
