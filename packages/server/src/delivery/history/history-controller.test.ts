import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createTestClock } from '@flotilla/kube/testing/clock'
import { apiVersion, Delivery } from '@flotilla/model'
import type { HostState } from '../../fleet/host-state.ts'
import { openSqliteStore } from '../../store/sqlite-store.ts'
import type { Store } from '../../store/store.ts'
import { closeGone, createHistoryController, type HistoryDeps } from './history-controller.ts'

const start = Date.parse('2026-01-01T00:00:00Z')
const minute = (number: number): string => new Date(start + number * 60_000).toISOString()
const { signal } = new AbortController()
const key = 'pj-shop/web.east'

const delivery = (application: string, uid: string, version: string, at: number): Delivery =>
  Delivery.parse({
    apiVersion,
    kind: 'Delivery',
    metadata: { name: 'web.east', namespace: 'pj-shop', uid: `${uid} of ${application}` },
    spec: {
      application: { name: application, uid: 'u' },
      project: { name: 'shop', uid: 'p' },
      target: { cluster: 'east', namespace: 'shop' },
    },
    status: {
      applied: { revision: 1, digest: `d${version}`, at: minute(at) },
      components: [{ name: 'web', digest: `d${version}`, version, images: [], health: 'Healthy' }],
    },
  })

describe('the history of what ran (over a real store, with a stand-in for the watch of the host)', () => {
  let store: Store
  let dataDir: string
  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'flotilla-history-'))
    store = await openSqliteStore({ dataDir })
  })
  after(async () => {
    await store.close()
    await rm(dataDir, { recursive: true, force: true })
  })

  function open(application: string) {
    let current: Delivery | undefined
    const clock = createTestClock(start)
    const nothing = { list: () => [], get: () => undefined }
    const deliveries = {
      get: () => current,
      list: () => (current === undefined ? [] : [current]),
      unreadable: new Map(),
    }
    const state = { synced: async () => undefined, deliveries, projects: nothing, releases: nothing, rollouts: nothing }
    const deps: HistoryDeps = { state: state as unknown as HostState, history: store.history, clock }
    return {
      advance: clock.advance,
      deps,
      begin: () => createHistoryController(deps).controller,
      show: (uid: string, version: string, at: number) => (current = delivery(application, uid, version, at)),
      remove: () => (current = undefined),
      runs: async () =>
        (await store.history.find({ application }, { limit: 9 })).items.map(
          ({ deliveryUid, version, from, until }) =>
            [deliveryUid.split(' ')[0], version, from, until ?? 'runs'] as const,
        ),
    }
  }
  const ran = (uid: string, version: string, from: number, until?: number) =>
    [uid, version, minute(from), until === undefined ? 'runs' : minute(until)] as const

  test('loses nothing to a clock that was ahead: it counts from the newest moment that is known, a while later', async () => {
    const { advance, begin, show, runs } = open('ahead')
    show('one', '2', 10)
    await begin().work(key, signal)
    const next = begin()
    show('one', '3', 1)
    assert.equal((await next.work(key, signal)).next, 'waiting')
    assert.deepEqual(await runs(), [ran('one', '2', 10)])
    advance(20_000)
    assert.equal((await next.work(key, signal)).next, 'settled')
    assert.deepEqual(await runs(), [ran('one', '3', 10), ran('one', '2', 10, 10)])
  })

  test('a server that stood still writes nothing over what another wrote, when it hears of that in time', async () => {
    const { advance, begin, show, runs } = open('stood-still')
    show('one', '1', 0)
    await begin().work(key, signal)
    show('one', '2', 5)
    await begin().work(key, signal)
    const slow = begin()
    show('one', '1', 0)
    assert.equal((await slow.work(key, signal)).next, 'waiting')
    show('one', '2', 5)
    advance(20_000)
    assert.equal((await slow.work(key, signal)).next, 'settled')
    assert.deepEqual(await runs(), [ran('one', '2', 5), ran('one', '1', 0, 5)])
  })

  test('what was made anew while nobody looked is in it, from when it had it', async () => {
    const { advance, deps, begin, show, runs } = open('anew')
    show('one', '1', 0)
    await begin().work(key, signal)
    show('two', '1', 5)
    advance(60 * 60_000)
    const next = begin()
    await closeGone(deps, signal)
    assert.equal((await next.work(key, signal)).next, 'settled')
    assert.deepEqual(await runs(), [ran('two', '1', 5), ran('one', '1', 0, 5)])
  })

  test('one that was made anew within one look is in it, too', async () => {
    const { advance, begin, show, runs } = open('at-once')
    const controller = begin()
    show('one', '1', 0)
    await controller.work(key, signal)
    show('two', '2', 5)
    advance(60 * 60_000)
    assert.equal((await controller.work(key, signal)).next, 'settled')
    assert.deepEqual(await runs(), [ran('two', '2', 5), ran('one', '1', 0, 5)])
  })

  test('what is gone is closed, also by a clock that is behind', async () => {
    const { advance, deps, begin, show, remove, runs } = open('gone')
    const controller = begin()
    show('one', '1', 10)
    await controller.work(key, signal)
    remove()
    assert.equal((await controller.work(key, signal)).next, 'waiting')
    advance(20_000)
    assert.equal((await controller.work(key, signal)).next, 'settled')
    assert.deepEqual(await runs(), [ran('one', '1', 10, 10)])
    show('two', '1', 20)
    await begin().work(key, signal)
    remove()
    await closeGone(deps, signal)
    assert.deepEqual((await runs())[0], ran('two', '1', 20, 20))
  })
})
