import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { basePath, type RouteResult } from '@flotilla/api'
import { CustomRole } from '@flotilla/model'
import { type HttpFixture, httpFixture, membership, project, signIn } from './testing/http-fixture.ts'

const custom = (name: string, namespace: string, status: object = {}) =>
  CustomRole.parse({
    apiVersion: 'flotilla.dev/v1alpha1',
    kind: 'CustomRole',
    metadata: { name, namespace, uid: `uid-${name}`, generation: 1 },
    spec: { displayName: 'Release engineer', grants: ['applications.release'] },
    status,
  })

describe('roles of a place (a stand-in for the host)', () => {
  let fixture: HttpFixture
  before(async () => {
    fixture = await httpFixture()
    const { state, host } = fixture
    state.projects.put({ ...project('shop', 'retail'), status: { namespace: 'pj-shop' } })
    state.customRoles.put(custom('releaser', 'ws-retail'))
    state.memberships.put(membership('eve', 'ws-retail', 'releaser'))
    host.allow = ({ groups, verb }) => verb === 'list' && groups.some((group) => group.startsWith('flotilla:'))
  })
  after(() => fixture.close())

  async function get<T>(as: string, path: string): Promise<T> {
    const headers = await signIn(fixture, as)
    return (await fixture.http.app.inject({ url: `${basePath}${path}`, headers })).json<T>()
  }
  const groupsOf = async (as: string) => (await get<RouteResult<'session.get'>>(as, '/session')).person

  test('are the built-in ones, then the custom ones, with what they may do and who has them', async () => {
    const { items, offered } = await get<RouteResult<'roles.list'>>('eve', '/roles?workspace=retail')
    assert.deepEqual(
      items.map(({ name, builtIn, givenTo, givesRoles }) => [name, builtIn, givenTo, givesRoles]),
      [
        ['admin', true, [], true],
        ['developer', true, ['dora'], false],
        ['viewer', true, [], false],
        ['releaser', false, ['eve'], false],
      ],
    )
    assert.deepEqual(items[3]?.grants, ['applications.release'])
    assert.equal(items[3]?.state, 'Pending', 'no cluster has said anything yet')
    assert.ok(offered.includes('projects.change') && !offered.includes('clusters.change'))
    assert.deepEqual(
      (await get<{ error: { code: string } }>('eve', '/roles?workspace=nowhere')).error.code,
      'request.not_found',
    )
  })

  test('a custom one is a group by its uid, and the sight of its place; a name that no role has is nothing', async () => {
    const { groups, roles } = await groupsOf('eve')
    assert.deepEqual(groups, [
      'flotilla:workspace:uid-retail:member',
      'flotilla:workspace:uid-retail:role:uid-releaser',
    ])
    assert.deepEqual(
      roles.map(({ role, custom: uid }) => [role, uid]),
      [['releaser', 'uid-releaser']],
    )
    const { state } = fixture
    state.customRoles.remove('ws-retail', 'releaser')
    assert.deepEqual((await groupsOf('eve')).groups, [])
    // of another place it is no role of this one
    state.customRoles.put(custom('releaser', 'pj-shop'))
    assert.deepEqual((await groupsOf('eve')).groups, [])
    state.customRoles.put(custom('releaser', 'ws-retail'))
  })

  test('words that stand in groups for something else are no roles, whatever there is of that name', async () => {
    const { state } = fixture
    state.memberships.remove('ws-retail', membership('eve', 'ws-retail', 'releaser').metadata.name)
    for (const name of ['delivery', 'member', 'role']) {
      state.memberships.put(membership('eve', 'ws-retail', name))
      assert.deepEqual((await groupsOf('eve')).groups, [], name)
    }
    state.memberships.put(membership('eve', 'ws-retail', 'releaser'))
  })
})
