import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { createKubeClient, type KubeClient, systemClock } from '@flotilla/kube'
import { createFakeApi, type FakeApi } from '@flotilla/kube/testing/fake-api'
import { isRecord } from '@flotilla/model'
import { until } from '../../testing/until.ts'
import type { IndexedKind } from './indexed-kinds.ts'
import { KindRows, type KindRowsOptions } from './kind-rows.ts'
import { noLabels } from './slim-row.ts'

/** ConfigMaps of the stand-in API, as if they were events: `at` is when they were seen. */
const kind: IndexedKind = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  resource: 'events',
  project: ({ metadata, ...rest }) => ({
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    createdAt: 0,
    state: 'Normal',
    health: undefined,
    message: undefined,
    labels: noLabels,
    owner: undefined,
    node: undefined,
    images: [],
    ready: undefined,
    wanted: undefined,
    count: undefined,
    lastAt: isRecord(rest['data']) ? Number(rest['data']['at']) : 0,
    address: undefined,
    detail: undefined,
  }),
}

describe('rows of one kind, from a stand-in API', () => {
  let api: FakeApi
  let client: KubeClient
  let rows: KindRows | undefined
  let told: string[]
  const budget = { used: 0, most: 1000 }
  const connect = (): KubeClient =>
    createKubeClient({ name: 'east', connection: api.connection, userAgent: 'test', limits: { heartbeatMs: 0 } })
  const follow = (more: Partial<KindRowsOptions> = {}): KindRows => {
    rows = new KindRows({
      cluster: 'east',
      kind,
      client,
      clock: systemClock,
      budget,
      onRow: (key, row) => void told.push(`${row === undefined ? '-' : '+'}${key}`),
      onState: () => void told.push('state'),
      ...more,
    })
    return rows
  }
  beforeEach(async () => {
    told = []
    api = await createFakeApi()
    client = connect()
  })
  afterEach(async () => {
    rows?.close()
    assert.equal(budget.used, 0)
    await client.close()
    await api[Symbol.asyncDispose]()
  })

  test('are told of one by one only once they were all read', async () => {
    for (let at = 0; at < 5; at++) api.put(`c${at}`, { at: '1' })
    const seen = follow()
    await seen.settled
    assert.deepEqual(told, ['state'])
    assert.equal(seen.state.state, 'current')
    api.put('later', { at: '1' })
    api.remove('c0')
    await until('both', () => Promise.resolve(told.length >= 3))
    assert.deepEqual(told, ['state', '+a/later', '-a/c0'])
    assert.equal(budget.used, 5)
  })

  test('are kept through a cut, with the time since when they are old', async () => {
    api.put('c', { at: '1' })
    const seen = follow()
    await seen.settled
    api.intercept = (_request, response) => response.destroy() !== undefined
    api.endWatches()
    await until('stale', () => Promise.resolve(seen.state.state === 'stale'))
    assert.equal(seen.rows.size, 1)
    const before = client
    client = connect()
    seen.renew(client)
    await before.close()
    assert.equal(seen.state.state, 'stale')
    assert.equal(seen.rows.size, 1)
    api.intercept = undefined
    await until('current', () => Promise.resolve(seen.state.state === 'current'))
    assert.equal(seen.rows.size, 1)
    assert.equal(budget.used, 1)
  })

  test('are refused, and none kept, when there are more than fit', async () => {
    for (let at = 0; at < 20; at++) api.put(`c${at}`, { at: '1' })
    const small = { used: 0, most: 10 }
    const seen = follow({ budget: small })
    await seen.settled
    const { state } = seen
    assert.ok(state.state === 'refused' && /too many objects/.test(state.reason))
    assert.equal(seen.rows.size, 0)
    assert.equal(small.used, 0)
    seen.close()
    assert.equal(small.used, 0)
  })

  test('that pass by are bounded in number and age, the newest kept', async () => {
    const now = Math.floor(Date.now() / 1000)
    for (let at = 0; at < 30; at++) api.put(`c${at}`, { at: String(now - 100 + at) })
    api.put('old', { at: String(now - 5000) })
    const seen = follow({ kind: { ...kind, passing: { seconds: 1000, most: 10 } } })
    await seen.settled
    assert.ok(seen.rows.size <= 12, `${seen.rows.size} are kept`)
    assert.ok(seen.rows.has('a/c29'))
    assert.ok(!seen.rows.has('a/c0'))
    api.put('old', { at: String(now - 5000) })
    await until('the old one', () => Promise.resolve(seen.rows.has('a/old')))
    seen.sweep()
    assert.ok(!seen.rows.has('a/old'))
    assert.equal(budget.used, seen.rows.size)
  })
})
