import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type ApiClient, createApiClient, resourceTopic, type StreamEvent } from '@flotilla/api'
import { createKubeClient, type KubeClient } from '@flotilla/kube'
import { connectionOf } from '@flotilla/kube/testing/connection-of'
import { createFaultProxy, type FaultProxy } from '@flotilla/kube/testing/fault-proxy'
import { type KubeObject, known, Project, refOf, unknown } from '@flotilla/model'
import { type Hub, openHub } from '../../testing/open-hub.ts'
import { until } from '../../testing/until.ts'
import { MemoryFleet } from '../testing/memory-state.ts'
import { cluster, type HttpFixture, httpFixture, membership, project, signIn } from '../testing/http-fixture.ts'

const rbac = 'rbac.authorization.k8s.io'

/** The API over real clusters: `one` is the host of the test fleet, `two` its member behind a relay that can be cut. */
describe('objects of all clusters', () => {
  let hub: Hub
  let member: KubeClient
  let relay: FaultProxy
  let relayed: KubeClient
  let fixture: HttpFixture
  let admin: ApiClient
  let dora: ApiClient
  let eve: ApiClient
  let mine: string
  let theirs: string
  let labels: Record<string, string>
  const members = new MemoryFleet()
  const made: KubeObject[] = []
  const make = async (object: KubeObject): Promise<void> => {
    await hub.make(object)
    made.push(await member.create(object))
  }
  const pod = (namespace: string, name: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels },
    // no node takes it, so nothing runs
    spec: { nodeSelector: { 'flotilla.test/none': '' }, containers: [{ name: 'a', image: 'web:1' }] },
  })

  before(async () => {
    hub = await openHub()
    member = hub.connect('east')
    relay = await createFaultProxy(connectionOf(hub.fleet.clusters['east']?.kubeconfig))
    relayed = createKubeClient({ name: 'two', connection: relay.connection, userAgent: 'flotilla-server-test' })
    const name = `index-${hub.suffix}`
    labels = { 'index-test': hub.suffix }
    mine = `${name}-mine`
    theirs = `${name}-theirs`
    for (const namespace of [mine, theirs]) {
      await make({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
      // an API server takes no pod before the namespace has its account
      const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } }
      for (const client of [hub.client, member])
        await client.apply(account, { fieldManager: 'test' }).catch(() => 'made by its controller')
      await make(pod(namespace, 'web-1'))
      await make(pod(namespace, 'web-2'))
    }
    const bind = (kind: string, role: string, group: string, namespace?: string): KubeObject => ({
      apiVersion: `${rbac}/v1`,
      kind,
      metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
      subjects: [{ kind: 'Group', apiGroup: rbac, name: group }],
    })
    // as the controllers bind them; the words of the fixture's people
    await make(bind('ClusterRoleBinding', 'cluster-admin', 'flotilla:platform:admin'))
    await hub.make(bind('RoleBinding', 'view', 'flotilla:workspace:uid-retail:developer', mine))
    fixture = await httpFixture({
      fleet: {
        host: hub.client,
        list: () => members.list(),
        get: (of) => members.get(of),
        client: (of) => (of === 'one' ? known(hub.client) : of === 'two' ? known(relayed) : unknown('none')),
        deliveryClient: () => unknown('not part of this test'),
        onChange: (listener) => members.onChange(listener),
      },
      streamLimits: { checkMs: 200, gatherMs: 10 },
    })
    for (const each of ['one', 'two', 'away']) fixture.state.clusters.put(cluster(each))
    for (const each of ['one', 'two']) members.say(each, { state: 'connected', since: '', version: 'v1' })
    members.say('away', { state: 'lost', since: '2026-01-01T00:00:00Z', reason: 'it does not answer' })
    const shop = project('shop', 'retail')
    const targets = ['one', 'away'].map((of) => ({ cluster: of, namespace: mine, state: 'Ready' }))
    fixture.state.projects.put(Project.parse({ ...shop, status: { ...shop.status, targets } }))
    const { url } = await fixture.http.listen({ host: '127.0.0.1', port: 0 })
    const enter = async (user: string): Promise<ApiClient> => {
      const { authorization } = await signIn(fixture, user)
      return createApiClient({ baseUrl: url, token: authorization.slice('Bearer '.length) })
    }
    ;[admin, dora, eve] = [await enter('admin'), await enter('dora'), await enter('eve')]
  })
  after(async () => {
    await fixture?.close()
    await relayed?.close()
    await relay?.[Symbol.asyncDispose]()
    for (const object of made.toReversed()) await member.delete(refOf(object)).catch(() => 'gone already')
    await hub?.[Symbol.asyncDispose]()
  })

  const ours = () => `index-test=${hub.suffix}`
  const list = (api: ApiClient, query: Parameters<ApiClient['resources']['list']>[0]['query'] = {}) =>
    api.resources.list({ params: { kind: 'pods' }, query: { labels: ours(), ...query } })
  const whole = (api: ApiClient, total: number) =>
    until('all pods', async () => {
      const page = await list(api)
      return page.total === total ? page : undefined
    })

  test('are one list, filtered, sorted and paged, that says who is away', async () => {
    const page = await whole(admin, 8)
    assert.deepEqual(page.facets.cluster, { one: 4, two: 4 })
    assert.deepEqual(page.facets.state, { Pending: 8 })
    assert.deepEqual(page.failures, [{ cluster: 'away', reason: 'it does not answer', since: '2026-01-01T00:00:00Z' }])
    const first = await list(admin, { sort: '-cluster', limit: 3 })
    assert.deepEqual(
      first.items.map((row) => `${row.cluster}/${row.name}`),
      ['two/web-1', 'two/web-1', 'two/web-2'],
    )
    const rest = await list(admin, { sort: '-cluster', limit: 100, continue: first.continue })
    assert.equal(rest.items.length, 5)
    assert.equal((await list(admin, { q: 'WEB-1', cluster: 'two', namespace: mine })).total, 1)
    assert.equal((await list(admin, { project: 'shop' })).total, 2)
    assert.equal((await list(admin, { labels: `${ours()},!index-test` })).total, 0)
  })

  test('hold only what somebody may list there: nothing of other clusters, nor of other namespaces', async () => {
    const page = await whole(dora, 2)
    assert.ok(page.items.every((row) => row.cluster === 'one' && row.namespace === mine))
    assert.deepEqual(page.facets, { cluster: { one: 2 }, state: { Pending: 2 } })
    // her project is in `away`, too; of `two` she learns nothing, also where she asks for it
    assert.deepEqual(
      page.failures.map((failure) => failure.cluster),
      ['away'],
    )
    assert.deepEqual(await list(dora, { cluster: ['two'] }), {
      items: [],
      failures: [],
      total: 0,
      facets: { cluster: {}, state: {} },
    })
    const nodes = await dora.resources.list({ params: { kind: 'nodes' }, query: { cluster: 'one' } })
    assert.deepEqual([nodes.total, nodes.failures], [0, []])
    assert.deepEqual(await list(eve), { items: [], failures: [], total: 0, facets: { cluster: {}, state: {} } })
  })

  test('are read whole, and their logs, only as the cluster lets the person', async () => {
    const manifest = (api: ApiClient, of: string, namespace: string) =>
      api.resources.manifest({ params: { kind: 'pods', cluster: of, name: 'web-1' }, query: { namespace } })
    assert.match((await manifest(dora, 'one', mine)).yaml, /name: web-1/)
    assert.match((await manifest(admin, 'two', theirs)).yaml, /name: web-1/)
    await assert.rejects(manifest(dora, 'one', theirs), { code: 'kube.forbidden' })
    for (const away of ['two', 'nowhere'])
      await assert.rejects(manifest(dora, away, mine), { code: 'request.not_found' })
    await assert.rejects(manifest(eve, 'one', mine), { code: 'request.not_found' })
    const logs = async (api: ApiClient, of: string, namespace: string): Promise<string[]> => {
      const types: string[] = []
      for await (const item of api.resources.logs({ params: { cluster: of, name: 'web-1' }, query: { namespace } }))
        types.push(item.type)
      return types
    }
    // nothing runs, which is said
    assert.deepEqual(await logs(dora, 'one', mine), ['closed', 'end'])
    await assert.rejects(logs(dora, 'one', theirs), { code: 'kube.forbidden' })
    await assert.rejects(logs(eve, 'one', mine), { code: 'request.not_found' })
  })

  test('come live, filtered by the topic and by what the reader may watch', async () => {
    const hears = async (api: ApiClient, filter: Record<string, unknown>) => {
      const events: StreamEvent[] = []
      const stop = new AbortController()
      const topics = resourceTopic('pods', filter)
      const work = (async () => {
        for await (const event of api.stream.watch({ query: { topics }, signal: stop.signal })) events.push(event)
      })()
      await until('hello', () => Promise.resolve(events.length > 0))
      const rows = () => events.flatMap((event) => (event.event === 'rows' ? event.data.items : []))
      return { events, rows, stop: async () => (stop.abort(), await work) }
    }
    await whole(admin, 8)
    const all = await hears(admin, { labels: ours() })
    const hers = await hears(dora, {})
    await make(pod(theirs, 'late'))
    await make(pod(mine, 'late'))
    for (const key of [`one/${theirs}/late`, `two/${mine}/late`])
      await until(key, () => Promise.resolve(all.rows().some((item) => item.key === key && !item.was)))
    await until('hers', () => Promise.resolve(hers.rows().some((item) => item.key === `one/${mine}/late`)))
    await hub.client.delete({ group: '', kind: 'Pod', namespace: theirs, name: 'late' }, { gracePeriodSeconds: 0 })
    await hub.client.delete({ group: '', kind: 'Pod', namespace: mine, name: 'late' }, { gracePeriodSeconds: 0 })
    await until('gone', () => Promise.resolve(hers.rows().some((item) => item.row === null && item.was)))
    assert.ok(hers.rows().every((item) => item.key.startsWith(`one/${mine}/`)))
    // what she may do there is taken away: she is told to look again, and then sees nothing
    fixture.state.memberships.remove('ws-retail', 'dora-developer')
    try {
      await until('relist', () =>
        Promise.resolve(hers.events.some((event) => event.event === 'relist' || event.event === 'reset')),
      )
      assert.equal((await list(dora)).total, 0)
    } finally {
      fixture.state.memberships.put(membership('dora', 'ws-retail', 'developer'))
    }
    await Promise.all([all.stop(), hers.stop()])
  })

  test('of a cluster that goes away stay, with the time since when they are old', async () => {
    const { total } = await until('two', async () => {
      const page = await list(admin, { cluster: 'two' })
      return page.failures.length === 0 && page.total > 0 ? page : undefined
    })
    await relay.listen(false)
    relay.cutAll()
    try {
      const page = await until('stale', async () => {
        const seen = await list(admin, { cluster: 'two' })
        return seen.failures.length > 0 ? seen : undefined
      })
      assert.equal(page.total, total)
      assert.ok(Date.now() - Date.parse(page.failures[0]?.since ?? '') < 60_000)
      // the others are not held up
      const start = performance.now()
      assert.equal((await list(admin, { cluster: 'one' })).failures.length, 0)
      assert.ok(performance.now() - start < 1500)
    } finally {
      await relay.listen(true)
    }
    await until('back', async () => ((await list(admin, { cluster: 'two' })).failures.length === 0 ? true : undefined))
  })
})
