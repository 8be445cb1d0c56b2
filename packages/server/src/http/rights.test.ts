import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { basePath } from '@flotilla/api'
import { type AnyRoute, anyRoutes } from '@flotilla/api/contract'
import {
  application,
  cluster,
  csrf,
  delivery,
  type HttpFixture,
  httpFixture,
  project,
  signIn,
  workspace,
} from './testing/http-fixture.ts'

let fixture: HttpFixture
before(async () => {
  fixture = await httpFixture()
  const { state } = fixture
  state.workspaces.put(workspace('other'))
  state.projects.put(project('theirs', 'other'))
  state.applications.put(application('web', 'theirs'))
  state.deliveries.put(delivery('web', 'east', {}, 'theirs'))
  state.applications.put(application('mine', 'shop'))
  state.clusters.put(cluster('east'))
  // dora may do anything in her own project and nothing elsewhere
  fixture.host.allow = ({ groups, namespace }) =>
    groups.includes('flotilla:workspace:uid-retail:developer') && ['pj-shop', 'ws-retail'].includes(namespace)
})
after(() => fixture.close())

const theirs: Record<string, string> = {
  project: 'theirs',
  application: 'web',
  move: 'web-1',
  cluster: 'east',
  workspace: 'other',
  user: 'admin',
  provider: 'corp',
  token: '0'.repeat(16),
  kind: 'Application',
  name: 'web',
  revision: '1',
  release: 'r1',
  rollout: 'r1-1',
  plan: 'waves',
  digest: `sha256:${'0'.repeat(64)}`,
}
const queries: Partial<Record<AnyRoute['id'], string>> = {
  'clusters.remove': '?objects=keep',
  'applications.remove': '?objects=keep',
  'applications.explain': '?cluster=east&path=a',
  'applications.manifest': '?cluster=east&kind=Secret&name=a&namespace=theirs',
  'kinds.get': '?project=theirs',
  'kinds.list': '?project=theirs',
  'kinds.remove': '?project=theirs&objects=keep',
  'members.list': '?project=theirs',
  'people.find': '?project=theirs&q=ad',
  'serviceAccounts.list': '?project=theirs',
  'rollouts.log': '?stage=all&step=migrate',
  'history.where': '?image=web',
  'stream.watch': '?topics=applications',
}
const bodies: Partial<Record<AnyRoute['id'], object>> = {
  'access.review': { user: 'admin', project: 'theirs', questions: [{ verb: 'get', resource: 'applications' }] },
  'applications.revert': { revision: 1 },
  'applications.resolveHook': { outcome: 'Failed', reason: 'a' },
  'applications.preview': { document: 'a: 1' },
  'applications.adopt': { application: 'a', cluster: 'east', helmRelease: 'a' },
  'releases.create': { application: 'web' },
  'releases.reject': { reason: 'a' },
  'approvals.give': { release: 'r1', digest: 'a' },
  'rollouts.start': { release: 'r1', plan: 'waves' },
  'rollouts.abort': { reason: 'a' },
  'rollouts.skip': { cluster: 'east', reason: 'a' },
  'rollouts.resolve': { stage: 'all', step: 'migrate', outcome: 'Succeeded', reason: 'a' },
  'rollouts.rollback': { reason: 'a' },
  'clusters.add': { name: 'a', kubeconfig: 'a' },
  'agents.add': { name: 'a' },
  'documents.apply': {
    documents: 'apiVersion: flotilla.dev/v1alpha1\nkind: Application\nmetadata: {name: a, namespace: pj-theirs}',
  },
  'serviceAccounts.add': { name: 'a', project: 'theirs' },
  'providers.setSecret': { secret: 'a secret' },
  'users.setPassword': { password: 'a long enough one' },
}

async function call(route: AnyRoute, headers: Record<string, string>) {
  const path = route.path.replaceAll(/:([a-z]+)/g, (_, name: string) => encodeURIComponent(theirs[name] ?? ''))
  const bytes = route.sends === 'bytes'
  return await fixture.http.app.inject({
    method: route.method,
    url: `${basePath}${path}${queries[route.id] ?? ''}`,
    headers: { ...csrf, ...headers, ...(bytes ? { 'content-type': 'application/octet-stream' } : {}) },
    ...(route.sends === 'none' ? {} : { payload: bytes ? Buffer.from('x') : (bodies[route.id] ?? {}) }),
  })
}

describe('every route of the contract', () => {
  for (const route of anyRoutes.filter(({ rights }) => rights.kind !== 'public')) {
    test(`${route.id} answers nothing to who is not signed in`, async () => {
      const answer = await call(route, {})
      assert.equal(answer.statusCode, 401)
      assert.equal((await call(route, { authorization: `Bearer flo_${'a'.repeat(43)}` })).statusCode, 401)
    })
  }

  for (const route of anyRoutes.filter(({ rights }) => rights.kind === 'kubernetes' && rights.mode === 'refuse')) {
    test(`${route.id} refuses what belongs to others`, async () => {
      const before = fixture.host.written.length
      const answer = await call(route, await signIn(fixture, 'dora'))
      // applying says it per document
      const refused = answer.statusCode === 403 || answer.statusCode === 404
      const perDocument = route.id === 'documents.apply' && answer.json<{ failed: number }>().failed === 1
      assert.ok(refused || perDocument, `${answer.statusCode} ${answer.body}`)
      assert.ok(!answer.body.includes('ConfigMap'))
      assert.equal(fixture.host.written.length, before)
    })
  }

  test('lists hold only what may be listed', async () => {
    const headers = await signIn(fixture, 'dora')
    const names = async (url: string) =>
      (await fixture.http.app.inject({ url: `${basePath}${url}`, headers }))
        .json<{ items: { name: string }[] }>()
        .items.map((item) => item.name)
    assert.deepEqual(await names('/applications'), ['mine'])
    assert.deepEqual(await names('/projects'), ['shop'])
    assert.deepEqual(await names('/workspaces'), ['retail'])
    assert.equal((await fixture.http.app.inject({ url: `${basePath}/projects/theirs`, headers })).statusCode, 404)
    const nobody = await signIn(fixture, 'eve')
    const empty = await fixture.http.app.inject({ url: `${basePath}/applications`, headers: nobody })
    assert.deepEqual(empty.json(), { items: [], total: 0 })
  })

  test('a right that is missing is named, with who can grant it', async () => {
    const answer = await fixture.http.app.inject({
      url: `${basePath}/projects/theirs/applications/web`,
      headers: await signIn(fixture, 'dora'),
    })
    const { error } = answer.json<{ error: { code: string; message: string; remedy: string } }>()
    assert.equal(error.code, 'auth.forbidden')
    assert.match(error.message, /get applications\.flotilla\.dev in pj-theirs/)
    assert.match(error.remedy, /administrator of the project, of its workspace/)
  })

  test('a change is written as the person, never as the platform', async () => {
    const answer = await fixture.http.app.inject({
      method: 'POST',
      url: `${basePath}/projects/shop/applications/mine/pause`,
      headers: { ...csrf, ...(await signIn(fixture, 'dora')) },
      payload: {},
    })
    assert.equal(answer.statusCode, 202)
    const written = fixture.host.written.at(-1)
    assert.equal(written?.by.user, 'flotilla:user:uid-dora')
    assert.deepEqual(written?.by.groups, ['flotilla:workspace:uid-retail:developer'])
    // pausing edits nothing: whoever changed it last stays that
    assert.deepEqual(written?.body, { spec: { paused: true }, metadata: { annotations: {} } })
  })

  test('a right is asked for before the body is read', async () => {
    const answer = await fixture.http.app.inject({
      method: 'PUT',
      url: `${basePath}/projects/theirs/uploads/sha256:${'0'.repeat(64)}`,
      headers: { ...csrf, ...(await signIn(fixture, 'dora')), 'content-type': 'application/octet-stream' },
      payload: Buffer.alloc(30 * 1024 * 1024),
    })
    assert.equal(answer.statusCode, 403)
  })
})
