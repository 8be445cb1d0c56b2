import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeObject } from '@flotilla/model'
import { createKubeClient } from './client.ts'
import type { KubeClient } from './kube-client.ts'
import type { ClientLimits } from './limits.ts'
import { createFakeApi, status, type FakeApi } from './testing/fake-api.ts'
import { until } from './testing/wait.ts'
import { createWatchCache, type WatchCache } from './watch-cache.ts'
import { createWatch, type CreateWatchOptions, type Watch, type WatchState } from './watch.ts'

interface Rig extends AsyncDisposable {
  api: FakeApi
  client: KubeClient
  watch: Watch<string>
  /** Such as `added a/x`. */
  changes: string[]
  states: WatchState[]
}

type Overrides = Partial<CreateWatchOptions<string>> & { limits?: Partial<ClientLimits>; names?: readonly string[] }

/** A watch of ConfigMaps that keeps only `data.v`, in sync. On a fake API, as a real one cannot be told to misbehave. */
async function rig({ limits, names = ['x'], ...options }: Overrides = {}): Promise<Rig> {
  const api = await createFakeApi()
  for (const name of names) api.put(name, { v: '1' })
  const client = createKubeClient({ name: 'east', connection: api.connection, userAgent: 'test', limits: limits ?? {} })
  const changes: string[] = []
  const states: WatchState[] = []
  const watch = createWatch<string>({
    client,
    kind: { group: '', kind: 'ConfigMap' },
    project: valueOf,
    onEvent: (change) => changes.push(`${change.type} ${change.key}`),
    onState: (state) => states.push(state),
    maxBackoffMs: 100,
    ...options,
  })
  await watch.synced(AbortSignal.timeout(10_000))
  return {
    api,
    client,
    watch,
    changes,
    states,
    [Symbol.asyncDispose]: async () => {
      watch.close()
      await client.close()
      await api[Symbol.asyncDispose]()
    },
  }
}

const valueOf = (object: KubeObject): string => (object['data'] as Record<string, string>)['v'] ?? ''
const lists = (api: FakeApi): number => api.seen.filter((one) => /limit=(?!1&|1$)/.test(one)).length
const watches = (api: FakeApi): string[] => api.seen.filter((one) => one.includes('watch=true'))

describe('a watch', () => {
  test('lists in pages, then follows', async () => {
    await using at = await rig({ names: ['a', 'b', 'c', 'd', 'e'], pageSize: 2 })
    assert.equal(lists(at.api), 3)
    assert.deepEqual([...at.watch.objects.keys()], ['a/a', 'a/b', 'a/c', 'a/d', 'a/e'])
    await until(() => at.api.watches === 1, 'it watches')
    at.api.put('f', { v: '1' })
    at.api.put('a', { v: '2' })
    at.api.remove('b')
    await until(() => at.changes.length === 8, 'all changes came')
    assert.deepEqual(at.changes.slice(5), ['added a/f', 'modified a/a', 'deleted a/b'])
    assert.equal(at.watch.objects.get('a/a'), '2')
  })

  test('resumes where it was after the stream ended or was cut, without listing again', async () => {
    await using at = await rig()
    await until(() => at.api.watches === 1, 'it watches')
    at.api.bookmark()
    at.api.revision += 50
    at.api.bookmark()
    await new Promise((resolve) => setTimeout(resolve, 50))
    at.api.endWatches()
    await until(() => watches(at.api).length === 2, 'it watches again')
    assert.match(watches(at.api)[1] ?? '', new RegExp(`resourceVersion=${at.api.revision}&`))
    at.api.put('y', { v: '1' })
    await until(() => at.watch.objects.has('a/y'), 'it goes on')
    assert.equal(lists(at.api), 1)
  })

  for (const how of ['as HTTP', 'inside the stream'] as const) {
    test(`lists again after 410 ${how}, and what vanished meanwhile is deleted`, async () => {
      await using at = await rig({ names: ['x', 'gone'] })
      await until(() => at.api.watches === 1, 'it watches')
      at.api.removeSilently('gone')
      at.api.put('x', { v: '2' })
      await until(() => at.watch.objects.get('a/x') === '2', 'it follows')
      at.api.revision += 10
      at.api.forgetBefore(at.api.revision)
      if (how === 'as HTTP') at.api.endWatches()
      else at.api.send({ type: 'ERROR', object: status(410, 'Expired', 'too old resource version') })
      await until(() => !at.watch.objects.has('a/gone'), 'the vanished one is deleted')
      assert.deepEqual(at.changes.slice(2), ['modified a/x', 'deleted a/gone'])
      assert.equal(lists(at.api), 2)
      await until(() => at.watch.state.state === 'synced', 'it is in sync')
    })
  }

  test('an expired continue token starts the list over', async () => {
    await using at = await rig({ names: ['a', 'b', 'c'], pageSize: 2 })
    await until(() => at.api.watches === 1, 'it watches')
    let pages = 0
    at.api.intercept = (request, response) => {
      if (!request.url?.includes('continue=') || ++pages > 1) return false
      at.api.removeSilently('a')
      response.writeHead(410, { 'content-type': 'application/json' })
      response.end(JSON.stringify(status(410, 'Expired', 'the provided continue parameter is too old')))
      return true
    }
    at.api.send({ type: 'ERROR', object: status(410, 'Expired', 'too old resource version') })
    await until(() => !at.watch.objects.has('a/a'), 'the list was read again')
    assert.deepEqual([...at.watch.objects.keys()], ['a/b', 'a/c'])
  })

  test('a list that breaks off deletes nothing', async () => {
    await using at = await rig({ names: ['a', 'b', 'c'], pageSize: 2, limits: { retries: 0, breakerFailures: 1000 } })
    await until(() => at.api.watches === 1, 'it watches')
    let cuts = 0
    at.api.intercept = (request) => {
      if (!request.url?.includes('continue=') || ++cuts > 3) return false
      request.socket.destroy()
      return true
    }
    at.api.send({ type: 'ERROR', object: status(410, 'Expired', 'too old resource version') })
    await until(() => cuts > 3 && at.watch.state.state === 'synced', 'it recovers')
    assert.deepEqual(at.changes, ['added a/a', 'added a/b', 'added a/c'])
  })

  test('one that says nothing is looked after and opened again, without losing sync', async () => {
    await using at = await rig({ silentAfterMs: 200 })
    await until(() => watches(at.api).length === 4, 'it watches again and again')
    assert.ok(at.states.every((state) => state.state === 'synced'))
    assert.equal(lists(at.api), 1)
    at.api.put('x', { v: '2' })
    await until(() => at.watch.objects.get('a/x') === '2', 'it goes on')
  })

  test('one that says nothing is stale when the look fails', async () => {
    await using at = await rig({ silentAfterMs: 200, limits: { retries: 0 } })
    await until(() => at.api.watches === 1, 'it watches')
    at.api.intercept = (_, response) => response.destroy() !== undefined
    await until(() => at.watch.state.state === 'stale', 'it is stale')
  })

  test('ending at once again and again is answered with patience', async () => {
    await using at = await rig({ maxBackoffMs: 60_000 })
    await until(() => at.api.watches === 1, 'it watches')
    at.api.intercept = (request, response) => {
      if (request.url?.includes('watch=true') === true) response.end()
      return request.url?.includes('watch=true') === true
    }
    at.api.endWatches()
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    assert.ok(watches(at.api).length < 15, `${watches(at.api).length} watches`)
    assert.equal(at.watch.state.state, 'stale')
  })
})

describe('an API server that is older than what was seen', () => {
  test('is not acted on, shows as stale, and is believed again once it has caught up', async () => {
    await using at = await rig({ names: ['x', 'y'] })
    await until(() => at.api.watches === 1, 'it watches')
    const { revision } = at.api
    at.api.removeSilently('y')
    at.api.rewind(revision - 50)
    at.api.endWatches()
    await until(() => at.watch.state.state === 'stale', 'it is stale')
    assert.match((at.watch.state as { reason: string }).reason, /older data/)
    at.api.put('x', { v: 'from the past' })
    await new Promise((resolve) => setTimeout(resolve, 300))
    assert.deepEqual(at.changes, ['added a/x', 'added a/y'])
    assert.equal(at.watch.objects.get('a/x'), '1')
    at.api.revision = revision + 1
    await until(() => at.watch.state.state === 'synced', 'it is believed again')
  })

  test('is believed when an operator says so, by a full list', async () => {
    await using at = await rig({ names: ['x', 'y'] })
    await until(() => at.api.watches === 1, 'it watches')
    at.api.removeSilently('y')
    at.api.rewind(40)
    at.api.put('x', { v: 'restored' })
    at.api.endWatches()
    await until(() => at.watch.state.state === 'stale', 'it is stale')
    at.watch.acceptOlder()
    await until(() => at.watch.state.state === 'synced', 'it is in sync')
    assert.deepEqual([...at.watch.objects], [['a/x', 'restored']])
  })

  test('an event from the past inside a stream is not acted on', async () => {
    await using at = await rig()
    await until(() => at.api.watches === 1, 'it watches')
    const metadata = { name: 'x', namespace: 'a', resourceVersion: '5' }
    at.api.send({ type: 'DELETED', object: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: {} } })
    await until(() => at.states.some((state) => state.state === 'stale'), 'it is noticed')
    await until(() => at.watch.state.state === 'synced', 'it goes on')
    assert.deepEqual(at.changes, ['added a/x'])
  })
})

describe('a cluster that falls silent', () => {
  test('is stale since it was last heard, and in sync soon after it is back', async () => {
    const limits = { heartbeatMs: 200, breakerMaxWaitMs: 300 }
    await using at = await rig({ limits })
    await until(() => at.api.watches === 1, 'it watches')
    const heard = Date.now()
    at.api.intercept = () => true
    await until(() => at.watch.state.state === 'stale', 'the heartbeat finds out', 3_000)
    const state = at.watch.state as Extract<WatchState, { state: 'stale' }>
    assert.ok(Math.abs(state.since - heard) < 1_500, `${state.since} ${heard}`)
    at.api.intercept = undefined
    at.api.put('x', { v: '2' })
    await until(() => at.watch.objects.get('a/x') === '2', 'it is back', 8_000)
    assert.equal(lists(at.api), 1)
  })

  test('over a client that is closed then keeps what it had, and leaves the processor alone', async () => {
    await using at = await rig({ limits: { heartbeatMs: 100 } })
    await until(() => at.api.watches === 1, 'it watches')
    at.api.intercept = () => true
    await until(() => at.watch.state.state === 'stale', 'the heartbeat finds out', 3_000)
    await at.client.close()
    const changes = at.states.length
    const busy = performance.eventLoopUtilization()
    await new Promise((resolve) => setTimeout(resolve, 200))
    const { utilization } = performance.eventLoopUtilization(busy)
    assert.ok(utilization < 0.5, `the event loop is busy ${utilization}`)
    assert.equal(at.watch.objects.get('a/x'), '1')
    assert.ok(at.states.length <= changes + 1, 'it says once why')
  })

  test('a quiet but living one is left in peace', async () => {
    await using at = await rig({ limits: { heartbeatMs: 100 } })
    await until(() => at.api.seen.filter((one) => one === 'GET /readyz').length > 3, 'heartbeats are answered')
    assert.equal(watches(at.api).length, 1)
    assert.ok(at.states.every((state) => state.state === 'synced'))
  })
})

describe('a watch cache', () => {
  async function cached(api: FakeApi): Promise<WatchCache<string>> {
    const client = createKubeClient({ name: 'east', connection: api.connection, userAgent: 'test' })
    const kind = { group: '', kind: 'ConfigMap' }
    return createWatchCache<string>({ client, kind, project: valueOf, silentAfterMs: 60_000, maxBackoffMs: 50 })
  }

  test('knows nothing before it was read, and says why', async () => {
    await using api = await createFakeApi()
    api.intercept = () => true
    const cache = await cached(api)
    assert.deepEqual(cache.list(), { known: false, reason: 'not read yet' })
    cache.close()
  })

  test('knows while in sync, and only remembers when it is not', async () => {
    await using api = await createFakeApi()
    api.put('x', { v: '1' })
    const cache = await cached(api)
    await cache.waitSynced(AbortSignal.timeout(10_000))
    assert.deepEqual(cache.get('a', 'x'), { known: true, value: '1' })
    assert.deepEqual(cache.get('a', 'none'), { known: true, value: undefined })
    assert.deepEqual(cache.list({ namespace: 'other' }), { known: true, value: [] })
    assert.deepEqual(cache.list({ where: (value) => value === '1' }), { known: true, value: ['1'] })
    await until(() => api.watches === 1, 'it watches')
    api.intercept = (_, response) => response.destroy() !== undefined
    api.endWatches()
    await until(() => cache.state.state === 'stale', 'it is stale')
    const got = cache.get('a', 'x')
    assert.ok(!got.known)
    assert.match(got.reason, /^not heard since 20/)
    assert.deepEqual([...cache.lastSeen().values()], ['1'])
    cache.close()
    await assert.rejects(cache.waitSynced())
  })
})
