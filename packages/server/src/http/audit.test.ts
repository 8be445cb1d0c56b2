import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type AuditEntry, basePath } from '@flotilla/api'
import { anyRoutes, auditTimeOf } from '@flotilla/api/contract'
import { FlotillaError } from '@flotilla/model'
import { application, csrf, type HttpFixture, httpFixture, project, signIn, workspace } from './testing/http-fixture.ts'

describe('what is audited of the API', () => {
  test('is everything that is not reading, but questions that are put with a body', () => {
    const never = anyRoutes.filter((route) => route.method !== 'GET' && auditTimeOf(route) === 'never')
    assert.deepEqual(never.map(({ id }) => id).sort(), [
      'access.check',
      'access.review',
      'applications.preview',
      'plans.check',
      'signIn.begin',
    ])
    const before = anyRoutes.filter((route) => auditTimeOf(route) === 'before').map(({ id }) => id)
    // people, roles, clusters, tokens of agents, and what is deleted
    for (const route of anyRoutes)
      if (route.method === 'DELETE' && route.id !== 'session.signOut') assert.ok(before.includes(route.id), route.id)
    for (const id of [
      'users.setPassword',
      'documents.apply',
      'clusters.add',
      'agents.add',
      'agents.rotate',
      'agents.revoke',
    ])
      assert.ok(
        before.some((one) => one === id),
        id,
      )
  })
})

describe('the audit of the API', () => {
  const entries: AuditEntry[] = []
  let fixture: HttpFixture
  let full = false
  before(async () => {
    const unavailable = () => Promise.reject(new FlotillaError('store.unavailable', { message: 'disk full' }))
    fixture = await httpFixture({
      audit: {
        note: (entry) => void entries.push(entry),
        write: (entry) => (full ? unavailable() : Promise.resolve(void entries.push(entry))),
        flush: () => Promise.resolve(),
        verify: unavailable,
        lastVerification: undefined,
      },
    })
    fixture.state.applications.put(application('web', 'shop'))
    fixture.host.allow = ({ user, namespace }) =>
      user === 'flotilla:user:uid-admin' || (user === 'flotilla:user:uid-dora' && namespace === 'pj-shop')
  })
  after(() => fixture.close())

  const ask = async (name: string, method: 'POST' | 'DELETE' | 'PUT', url: string, payload?: object) => {
    const headers = { ...csrf, ...(await signIn(fixture, name)) }
    entries.length = 0
    return await fixture.http.app.inject({
      method,
      url: `${basePath}${url}`,
      headers,
      ...(payload === undefined ? {} : { payload }),
    })
  }

  for (const route of anyRoutes.filter((one) => auditTimeOf(one) !== 'never' && one.rights.kind !== 'public'))
    test(`has a record of ${route.id} when nobody is signed in`, async () => {
      entries.length = 0
      const bytes = route.sends === 'bytes'
      const answer = await fixture.http.app.inject({
        method: route.method,
        url: `${basePath}${route.path.replaceAll(/:[a-z]+/g, 'x')}`,
        remoteAddress: `10.1.${anyRoutes.indexOf(route)}.1`,
        headers: { ...csrf, 'content-type': bytes ? 'application/octet-stream' : 'application/json' },
        ...(route.sends === 'none' ? {} : { payload: bytes ? Buffer.from('x') : '{}' }),
      })
      assert.equal(answer.statusCode, 401)
      assert.deepEqual(
        entries.map(({ verb, result, code }) => [verb, result, code]),
        [[route.id, 'denied', 'auth.required']],
      )
    })

  test('says who, as whom, from where, what, where, and how it went', async () => {
    assert.equal((await ask('dora', 'POST', '/projects/shop/applications/web/pause', {})).statusCode, 202)
    const [entry] = entries
    assert.equal(entries.length, 1)
    assert.deepEqual(entry?.actor.name, 'dora')
    assert.deepEqual(entry?.actor.groups, ['flotilla:workspace:uid-retail:developer'])
    assert.match(entry?.actor.session ?? '', /^[0-9a-f]{12}$/)
    assert.equal(entry?.actor.address, '127.0.0.1')
    assert.deepEqual(entry?.target, {
      kind: 'Application',
      group: 'flotilla.dev',
      name: 'web',
      namespace: 'pj-shop',
      workspace: 'retail',
      workspaceUid: 'uid-retail',
      project: 'shop',
      projectUid: 'uid-shop',
    })
    assert.deepEqual([entry?.verb, entry?.result, entry?.status], ['applications.pause', 'allowed', 202])
  })

  test('has what was refused, with the right that is missing', async () => {
    fixture.state.workspaces.put(workspace('other'))
    fixture.state.projects.put(project('theirs', 'other'))
    assert.equal((await ask('dora', 'POST', '/projects/theirs/applications/web/pause', {})).statusCode, 403)
    assert.deepEqual(
      entries.map(({ result, code, target }) => [result, code, target.projectUid]),
      [['denied', 'auth.forbidden', 'uid-theirs']],
    )
    assert.match(entries[0]?.message ?? '', /pj-theirs/)
  })

  test('has what was wrong, without what was sent', async () => {
    assert.equal(
      (await ask('dora', 'POST', '/projects/shop/applications/web/revert', { revision: 'hunter2' })).statusCode,
      422,
    )
    assert.equal(entries[0]?.result, 'failed')
    assert.ok(!JSON.stringify(entries).includes('hunter2'))
  })

  test('is written before what is privileged, and after', async () => {
    const answer = await ask('admin', 'PUT', '/users/eve/password', { password: 'a long enough one' })
    assert.equal(answer.statusCode, 200, answer.body)
    assert.deepEqual(
      entries.map(({ result, request, target }) => [result, request === entries[0]?.request, target.name]),
      [
        ['begun', true, 'eve'],
        ['allowed', true, 'eve'],
      ],
    )
    assert.ok(!JSON.stringify(entries).includes('long enough'))
  })

  test('that cannot be written lets nothing privileged happen, and everything else', async () => {
    full = true
    try {
      const written = fixture.host.written.length
      const removal = await ask('dora', 'DELETE', '/projects/shop/applications/web?objects=keep')
      assert.equal(removal.statusCode, 503)
      assert.equal(removal.json<{ error: { code: string } }>().error.code, 'store.unavailable')
      assert.equal(fixture.host.written.length, written)
      assert.deepEqual(
        entries.map(({ result, code }) => [result, code]),
        [['failed', 'store.unavailable']],
      )
      assert.equal((await ask('dora', 'POST', '/projects/shop/applications/web/resume', {})).statusCode, 202)
    } finally {
      full = false
    }
  })

  test('has who signed in, who could not, and nothing that was typed as a name', async () => {
    const enter = async (username: string, password: string) => {
      entries.length = 0
      const payload = { username, password, kind: 'cli' }
      await fixture.http.app.inject({ method: 'POST', url: `${basePath}/session`, headers: csrf, payload })
      return entries.map(({ verb, result, actor, code }) => [verb, result, actor.name, actor.uid, code])
    }
    assert.deepEqual(await enter('dora', 'correct horse battery'), [
      ['session.signIn', 'allowed', 'dora', 'uid-dora', undefined],
    ])
    assert.deepEqual(await enter('dora', 'wrong'), [['session.signIn', 'denied', 'dora', undefined, 'auth.failed']])
    assert.deepEqual(await enter('correct horse battery', 'x'), [
      ['session.signIn', 'denied', '', undefined, 'auth.failed'],
    ])
    assert.ok(!JSON.stringify(entries).includes('battery'))
  })

  test('is not flooded by strangers: what is over the bound is counted', async () => {
    entries.length = 0
    for (let tries = 0; tries < 100; tries++)
      await fixture.http.app.inject({
        method: 'DELETE',
        url: `${basePath}/session`,
        remoteAddress: '10.9.9.9',
        headers: csrf,
      })
    assert.ok(entries.length <= 60, `${entries.length}`)
  })
})

describe('reading the audit', () => {
  let fixture: HttpFixture
  before(async () => {
    fixture = await httpFixture()
    const { state, host } = fixture
    state.workspaces.put(workspace('other'))
    for (const [name, of] of [
      ['shop', 'retail'],
      ['theirs', 'other'],
    ] as const) {
      const one = project(name, of)
      state.projects.put({ ...one, status: { ...one.status, namespace: `pj-${name}` } })
    }
    host.allow = ({ user, verb, resource, namespace }) =>
      user === 'flotilla:user:uid-admin' ||
      (user === 'flotilla:user:uid-dora' && verb === 'audit' && resource === 'memberships' && namespace === 'pj-shop')
    const target = (name: string, projectUid: string) => ({ kind: 'Application', name, project: name, projectUid })
    const entry = {
      request: 'r',
      at: '2026-01-01T00:00:00.000Z',
      source: 'api',
      actor: { name: 'ana', groups: new Array<string>() },
      verb: 'x',
      result: 'allowed',
    } as const
    await fixture.store.audit.append([
      { ...entry, target: target('shop', 'uid-shop') },
      { ...entry, target: target('theirs', 'uid-theirs') },
      // of an earlier project of the same name
      { ...entry, target: target('shop', 'uid-shop-before') },
      { ...entry, target: {} },
    ])
  })
  after(() => fixture.close())
  const get = async (name: string, url: string) =>
    await fixture.http.app.inject({ url: `${basePath}${url}`, headers: await signIn(fixture, name) })

  test('holds what was done in places where one may', async () => {
    const uids = async (name: string, query = '') => {
      const { items, reads } = (await get(name, `/audit?verb=x${query}`)).json<{ items: AuditEntry[]; reads: string }>()
      return [reads, items.map(({ target }) => target.projectUid)]
    }
    assert.deepEqual(await uids('admin'), ['all', [undefined, 'uid-shop-before', 'uid-theirs', 'uid-shop']])
    assert.deepEqual(await uids('dora'), ['some', ['uid-shop']])
    assert.deepEqual(await uids('dora', '&project=theirs'), ['some', []])
    assert.deepEqual(await uids('eve'), ['none', []])
  })

  test('is not searched for a NUL, which no database has in a text', async () => {
    for (const field of ['person', 'name', 'verb', 'kind', 'cluster', 'workspace', 'project'])
      for (const url of [`/audit?${field}=a%00b`, `/audit/records?${field}=x&${field}=%00`])
        assert.equal((await get('admin', url)).statusCode, 422, url)
  })

  test('is exported the same way, oldest first', async () => {
    const lines = (await get('dora', '/audit/records?verb=x')).body.trim().split('\n')
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as AuditEntry).target.projectUid),
      ['uid-shop'],
    )
    const all = (await get('admin', '/audit/records?verb=x')).body.trim().split('\n')
    assert.equal(all.length, 4)
    assert.equal((await get('eve', '/audit/records')).body, '')
  })

  test('is paged, and verified by who reads all', async () => {
    const first = (await get('admin', '/audit?verb=x&limit=2')).json<{ items: unknown[]; continue: string }>()
    assert.equal(first.items.length, 2)
    const second = (await get('admin', `/audit?verb=x&continue=${first.continue}`)).json<{ items: unknown[] }>()
    assert.equal(second.items.length, 2)
    assert.equal((await get('admin', '/audit?continue=x')).statusCode, 422)
    assert.equal((await get('dora', '/audit/verification')).statusCode, 403)
    const headers = { ...csrf, ...(await signIn(fixture, 'admin')) }
    const verified = await fixture.http.app.inject({
      method: 'POST',
      url: `${basePath}/audit/verification`,
      headers,
      payload: {},
    })
    assert.equal(verified.json<{ state: string }>().state, 'intact')
    assert.equal((await get('admin', '/audit/verification')).json<{ last: { state: string } }>().last.state, 'intact')
  })
})
