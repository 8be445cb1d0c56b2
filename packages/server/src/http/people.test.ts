import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { basePath, type RouteResult } from '@flotilla/api'
import { csrf, type HttpFixture, httpFixture, membership, project, signIn, user } from './testing/http-fixture.ts'

let fixture: HttpFixture
before(async () => {
  fixture = await httpFixture()
  const { state, host } = fixture
  const shop = project('shop', 'retail')
  state.projects.put({ ...shop, status: { namespace: 'pj-shop' } })
  const spec = { displayName: 'Zhang Wei', email: 'wei@example.com', disabled: false }
  state.users.put({ ...user('eve'), spec })
  state.users.put(user('fay', true))
  state.memberships.put(membership('fay', 'ws-retail', 'viewer'))
  state.memberships.put(membership('eve', 'pj-shop', 'operator'))
  const earlier = membership('dora', 'pj-shop', 'viewer')
  state.memberships.put({ ...earlier, status: { userUid: 'uid-of-an-earlier-dora' } })
  // eve looks after the shop, dora only sees it
  host.allow = ({ user: who, groups, namespace, verb }) =>
    groups.includes('flotilla:platform:admin') ||
    (who === 'flotilla:user:uid-eve' && namespace === 'pj-shop') ||
    (who === 'flotilla:user:uid-dora' && ['pj-shop', 'ws-retail'].includes(namespace) && verb !== 'create')
})
after(() => fixture.close())

async function get<T>(as: string, path: string): Promise<{ status: number; body: T }> {
  const headers = await signIn(fixture, as)
  const answer = await fixture.http.app.inject({ url: `${basePath}${path}`, headers })
  return { status: answer.statusCode, body: answer.json<T>() }
}

describe('people and what is granted to them (a stand-in for the host)', () => {
  test('are listed with the roles that act, page by page', async () => {
    const { body } = await get<RouteResult<'people.list'>>('admin', '/people?limit=2')
    assert.deepEqual(
      body.items.map(({ name, roles }) => [name, roles.map(({ scope, role }) => `${scope} ${role}`)]),
      [
        ['admin', ['platform admin']],
        ['dora', ['workspace developer']],
      ],
    )
    const rest = await get<RouteResult<'people.list'>>('admin', `/people?limit=2&continue=${body.continue ?? ''}`)
    assert.deepEqual(
      rest.body.items.map(({ name, disabled }) => [name, disabled]),
      [
        ['eve', false],
        ['fay', true],
      ],
    )
  })

  test('are found by a part of the name, the display name or the address', async () => {
    const names = async (query: string) =>
      (await get<RouteResult<'people.list'>>('admin', `/people?${query}`)).body.items.map(({ name }) => name)
    assert.deepEqual(await names('q=zhang'), ['eve'])
    assert.deepEqual(await names('q=example.com'), ['eve'])
    assert.deepEqual(await names('disabled=true'), ['fay'])
    assert.equal((await get('dora', '/people')).status, 403)
  })

  test('one of them is shown with grants that give nothing, too, and how they sign in', async () => {
    const { body } = await get<RouteResult<'people.get'>>('admin', '/people/dora')
    assert.deepEqual(
      body.grants.map(({ scope, role, state }) => [scope, role, state]),
      [
        ['workspace', 'developer', 'Given'],
        ['project', 'viewer', 'OtherPerson'],
      ],
    )
    assert.equal(body.password, 'set')
    assert.equal((await get<RouteResult<'people.get'>>('admin', '/people/fay')).body.password, 'none')
    assert.equal((await get('admin', '/people/nobody')).status, 404)
  })

  test('who gives roles in a project finds names by how they begin, and nothing else of anybody', async () => {
    const { body } = await get<RouteResult<'people.find'>>('eve', '/person-names?project=shop&q=we')
    assert.deepEqual(body.items, [{ name: 'eve', displayName: 'Zhang Wei' }])
    const all = await get<RouteResult<'people.find'>>('eve', '/person-names?project=shop&q=fa')
    assert.deepEqual(all.body.items, [], 'a disabled person is not offered')
    assert.equal((await get('eve', '/person-names?project=shop&q=e')).status, 422)
    assert.equal((await get('eve', '/person-names?workspace=retail&q=ev')).status, 403)
    assert.equal((await get('dora', '/person-names?project=shop&q=ev')).status, 403)
  })
})

describe('members of a place (a stand-in for the host)', () => {
  const members = async (as: string, query: string) =>
    (await get<RouteResult<'members.list'>>(as, `/members${query}`)).body.items.map(
      ({ scope, user: name, role }) => `${scope} ${name} ${role}`,
    )

  test('hold those above it for who may see them', async () => {
    assert.deepEqual(await members('admin', '?project=shop'), [
      'project dora viewer',
      'project eve operator',
      'workspace dora developer',
      'workspace fay viewer',
      'platform admin admin',
    ])
    assert.deepEqual(await members('dora', '?workspace=retail'), ['workspace dora developer', 'workspace fay viewer'])
    assert.deepEqual(await members('eve', '?project=shop'), ['project dora viewer', 'project eve operator'])
    assert.equal((await get('dora', '/members')).status, 403)
    assert.equal((await get('admin', '/members?project=none')).status, 404)
  })

  test('are counted in the row of the workspace', async () => {
    const { body } = await get<RouteResult<'workspaces.get'>>('admin', '/workspaces/retail')
    assert.equal(body.members, 2)
  })
})

describe('what somebody may do (a stand-in for the host)', () => {
  const review = async (as: string, body: object) => {
    const headers = { ...csrf, ...(await signIn(fixture, as)) }
    const url = `${basePath}/access/review`
    const answer = await fixture.http.app.inject({ method: 'POST', url, headers, payload: body })
    return { status: answer.statusCode, body: answer.json<RouteResult<'access.review'>>() }
  }
  const questions = [
    { verb: 'get', resource: 'applications' },
    { verb: 'create', resource: 'applications' },
  ]

  test('is asked of the authorizer as that person', async () => {
    const { body } = await review('admin', { user: 'dora', project: 'shop', questions })
    assert.deepEqual(body, { namespace: 'pj-shop', disabled: false, answers: [true, false] })
    const asked = fixture.host.asked.findLast(({ verb, namespace }) => verb === 'create' && namespace === 'pj-shop')
    assert.equal(asked?.user, 'flotilla:user:uid-dora')
  })

  test('is answered to who gives roles there, and to nobody else', async () => {
    assert.equal((await review('eve', { user: 'dora', project: 'shop', questions })).status, 200)
    assert.equal((await review('eve', { user: 'dora', workspace: 'retail', questions })).status, 403)
    assert.equal((await review('eve', { user: 'dora', questions })).status, 403)
    assert.equal((await review('dora', { user: 'eve', project: 'shop', questions })).status, 403)
  })

  test('is answered to everybody about themselves', async () => {
    const { status, body } = await review('dora', { user: 'dora', project: 'shop', questions })
    assert.equal(status, 200)
    assert.deepEqual(body.answers, [true, false])
  })

  test('is nothing for who is disabled, and for who has no role in the cluster', async () => {
    const disabled = await review('admin', { user: 'fay', project: 'shop', questions })
    assert.deepEqual(disabled.body, { namespace: 'pj-shop', disabled: true, answers: [false, false] })
    const elsewhere = await review('admin', { user: 'dora', cluster: 'east', questions })
    assert.deepEqual(elsewhere.body, { namespace: '', disabled: false, answers: [false, false] })
    assert.equal((await review('admin', { user: 'dora', project: 'shop', cluster: 'mars', questions })).status, 404)
  })
})
