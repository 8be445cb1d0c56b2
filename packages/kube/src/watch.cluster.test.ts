import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import type { KubeObject } from '@flotilla/model'
import type { KubeClient } from './kube-client.ts'
import { createFaultProxy, type FaultProxy } from './testing/fault-proxy.ts'
import { status } from './testing/fake-api.ts'
import { openRealCluster, type RealCluster } from './testing/real-cluster.ts'
import { until } from './testing/wait.ts'
import { createWatchCache, type WatchCache } from './watch-cache.ts'

/** Watches of a real API server, with a relay before it that does wrong on command. */

let cluster: RealCluster
let proxy: FaultProxy
let faulty: KubeClient
let cache: WatchCache<string>
let changes: string[]
let states: string[]

const kind = { group: '', kind: 'ConfigMap' }
const valueOf = (object: KubeObject): string => (object['data'] as Record<string, string> | undefined)?.['v'] ?? ''
const isWatch = (path: string): boolean => path.includes('watch=true')
const isList = (path: string): boolean => path.includes('limit=3')

/** Past the proxy. */
async function put(name: string, v: string): Promise<void> {
  const { client, namespace } = cluster
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, labels: { test: 'watch' } },
    data: { v },
  }
  await client.apply(object, { fieldManager: 'test' })
}
const remove = (name: string): Promise<unknown> =>
  cluster.client.delete({ ...kind, namespace: cluster.namespace, name })
const value = (name: string): string | undefined => cache.lastSeen().get(`${cluster.namespace}/${name}`)
const count = (match: (path: string) => boolean): number => proxy.seen.filter(({ path }) => match(path)).length

before(async () => {
  cluster = await openRealCluster()
})
after(() => cluster[Symbol.asyncDispose]())

beforeEach(async () => {
  for (const name of ['a', 'b', 'c', 'd']) await put(name, '1')
  proxy = await createFaultProxy(cluster.connection)
  faulty = cluster.connect(proxy.connection, { heartbeatMs: 500, breakerMaxWaitMs: 1_000 })
  changes = []
  states = []
  const { namespace } = cluster
  cache = createWatchCache<string>({
    client: faulty,
    kind,
    namespace,
    labelSelector: 'test=watch',
    project: valueOf,
    pageSize: 3,
    maxBackoffMs: 500,
  })
  cache.subscribe((change) => changes.push(`${change.type} ${change.key.split('/')[1]}`))
  cache.onState((state) => states.push(state.state))
  await cache.waitSynced(AbortSignal.timeout(60_000))
  await until(() => count(isWatch) > 0, 'it watches')
})
afterEach(async () => {
  cache.close()
  await faulty.close()
  await proxy[Symbol.asyncDispose]()
  for (const name of ['a', 'b', 'c', 'd', 'e']) await remove(name)
})

describe('a watch of a real API server', () => {
  test('follows what others write', async () => {
    await put('e', '1')
    await put('a', '2')
    await remove('b')
    await until(() => changes.length === 7, 'all came')
    assert.deepEqual(changes.slice(4), ['added e', 'modified a', 'deleted b'])
  })

  test('cut, it resumes from its version: nothing is missed and nothing is listed again', async () => {
    for (let round = 1; round <= 5; round++) {
      proxy.cutAll()
      await put('a', `round ${round}`)
      await put(`e`, `round ${round}`)
      await until(() => value('a') === `round ${round}` && value('e') === `round ${round}`, `round ${round} came`)
    }
    assert.equal(count(isList), 2, 'the two pages of the first list')
  })

  for (const how of ['as HTTP', 'inside the stream'] as const) {
    test(`410 ${how}: it lists again, and what vanished meanwhile goes`, async () => {
      const gone = status(410, 'Expired', 'too old resource version')
      if (how === 'as HTTP') {
        await until(() => proxy.inject('', isWatch) > 0, 'the watch is open')
        proxy.rule({ match: ({ path }) => isWatch(path), times: 1, fault: { kind: 'status', status: 410, body: gone } })
        proxy.blackHole(true)
        await remove('c')
        proxy.cutAll()
        proxy.blackHole(false)
      } else {
        proxy.blackHole(true)
        await remove('c')
        await until(() => proxy.inject(JSON.stringify({ type: 'ERROR', object: gone }), isWatch) > 0, 'it is told')
        proxy.blackHole(false)
      }
      await until(() => value('c') === undefined, 'the vanished one is gone')
      await until(() => cache.state.state === 'synced', 'it is in sync')
      assert.deepEqual(
        changes.filter((one) => one.includes('deleted')),
        ['deleted c'],
      )
    })
  }

  test('429 with Retry-After and 500 on the way back are waited out', async () => {
    proxy.rule({ times: 2, fault: { kind: 'status', status: 429, retryAfter: 1 } })
    proxy.rule({ times: 2, fault: { kind: 'status', status: 500 } })
    const started = Date.now()
    proxy.cutAll()
    await put('a', 'after')
    await until(() => value('a') === 'after', 'it is back')
    assert.ok(Date.now() - started >= 1_000)
    assert.ok(count(() => true) < 30)
  })

  test('a cluster that falls silent is unknown within two heartbeats, nothing is deleted, and it catches up', async () => {
    proxy.blackHole(true)
    await put('a', 'unseen')
    await remove('d')
    const cutAt = Date.now()
    await until(() => cache.state.state === 'stale', 'it is noticed')
    assert.ok(Date.now() - cutAt < 10_000)
    const read = cache.list()
    assert.ok(!read.known)
    assert.match(read.reason, /not heard since/)
    assert.equal(cache.lastSeen().size, 4)
    assert.deepEqual(changes.slice(4), [])
    proxy.cutAll()
    proxy.blackHole(false)
    const healedAt = Date.now()
    await until(
      () => cache.state.state === 'synced' && value('a') === 'unseen' && value('d') === undefined,
      'it catches up',
    )
    assert.ok(Date.now() - healedAt < 10_000)
    assert.equal(count(isList), 2)
  })

  test('a cluster that refuses connections is asked seldom, and found again soon', async () => {
    await proxy.listen(false)
    await until(() => cache.state.state === 'stale', 'it is noticed')
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    assert.equal(faulty.transport.breaker.state === 'closed', false)
    const before = proxy.seen.length
    await proxy.listen(true)
    await put('a', 'back')
    await until(() => value('a') === 'back', 'it is back', 10_000)
    assert.ok(proxy.seen.length - before < 10)
  })

  test('a list that is cut in the middle deletes nothing', async () => {
    const gone = status(410, 'Expired', 'too old resource version')
    proxy.rule({ match: ({ path }) => path.includes('continue='), times: 2, fault: { kind: 'cut', afterBytes: 300 } })
    await until(() => proxy.inject(JSON.stringify({ type: 'ERROR', object: gone }), isWatch) > 0, 'it is told')
    await until(() => count(isList) >= 5, 'it lists again')
    await until(() => cache.state.state === 'synced', 'it is in sync')
    assert.deepEqual(changes.slice(4), [])
  })
})

test('a server that answers nothing costs a call its deadline, and other calls nothing', async () => {
  proxy.rule({ match: ({ path }) => path.includes('/secrets'), fault: { kind: 'hang' } })
  const { namespace } = cluster
  const hung = Array.from({ length: 5 }, () =>
    assert.rejects(faulty.list({ group: '', kind: 'Secret' }, { namespace, timeoutMs: 1_500 }), {
      code: 'cluster.timeout',
    }),
  )
  await Promise.all(Array.from({ length: 20 }, () => faulty.get({ ...kind, namespace, name: 'a' })))
  await Promise.all(hung)
  assert.deepEqual(faulty.transport.breaker, { state: 'closed' })
})
