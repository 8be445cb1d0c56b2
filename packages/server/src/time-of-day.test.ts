import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { describe, test } from 'node:test'
import { type Clock, type KubeClient, systemClock } from '@flotilla/kube'
import { apiVersion, Delivery, known, type KubeObject } from '@flotilla/model'
import type { Inventory } from '@flotilla/reconcile'
import { installPlatform } from './access/install/install-platform.ts'
import { applyObjects } from './delivery/delivery/apply-objects.ts'
import { Counters } from './delivery/delivery/counters.ts'
import { DeliveryMemory, SetCache } from './delivery/delivery/delivery-memory.ts'
import type { Workbench } from './delivery/delivery/deps.ts'
import { FieldOwners } from './delivery/delivery/field-owners.ts'
import { observeDelivery } from './delivery/delivery/observe-delivery.ts'
import { startHook } from './delivery/delivery/run-hook.ts'
import { mintAccount } from './fleet/member-account.ts'
import type { Caller, Services } from './http/handler.ts'
import { ChangeRing } from './http/stream/change-ring.ts'
import { defaultLimits, StreamReader } from './http/stream/stream-reader.ts'

const { signal } = new AbortController()

interface MovedClock extends Clock {
  advance(ms: number): void
}

/** Somebody sets the time of day back by an hour whenever it is looked at; time itself goes on with every sleep. */
function clockSetBack(): MovedClock {
  let now = Date.parse('2026-01-01T00:00:00Z')
  let elapsed = 0
  return {
    now: () => (now -= 3_600_000),
    elapsed: () => elapsed,
    random: () => 0.5,
    sleep: async (ms) => {
      elapsed += ms
      if (elapsed > 600_000) throw new Error('it waits without end')
    },
    advance: (ms) => void (elapsed += ms),
  }
}

const delivery = Delivery.parse({
  apiVersion,
  kind: 'Delivery',
  metadata: { name: 'web.east', namespace: 'pj-shop', uid: 'd-uid' },
  spec: {
    application: { name: 'web', uid: 'a-uid' },
    project: { name: 'shop', uid: 'p-uid', scope: 'Namespaced' },
    target: { cluster: 'east', namespace: 'shop' },
    desired: { revision: 1, digest: 'r', components: [{ name: 'web', digest: 'set' }] },
  },
})

/** Stands in for a member and what is known of it, as far as these waits ask. */
function benchWith(clock: Clock, client: object, deps: object = {}): Workbench {
  const bench = {
    deps: { clock, digestKey: new Uint8Array(32), ...deps },
    delivery,
    client,
    memory: new DeliveryMemory(),
    owners: new FieldOwners(),
    counters: new Counters(),
    signal,
  }
  return bench as unknown as Workbench
}

describe('a wait whose machine has its time of day set back', () => {
  test('for a custom kind to be served ends', async () => {
    const ref = {
      group: 'apiextensions.k8s.io',
      version: 'v1',
      kind: 'CustomResourceDefinition',
      namespace: '',
      name: 'a',
    }
    const object = { apiVersion: 'apiextensions.k8s.io/v1', kind: ref.kind, metadata: { name: 'a' } }
    const prepared = { component: 'web', ref, object, hash: 'h', fromCrdFolder: true, keep: false, leaveTo: [] }
    const bench = benchWith(clockSetBack(), {
      find: async () => undefined,
      apply: async () => object,
      get: async () => object,
    })
    const effect = {
      kind: 'apply',
      key: 'apply/1',
      waves: [[prepared]],
      inventory: undefined,
      takeOver: false,
    } as const
    const apply = applyObjects(bench, effect as unknown as Parameters<typeof applyObjects>[1], new Map())
    await assert.rejects(apply, { code: 'kube.group_unavailable' })
  })

  test('for the hook of an earlier run to go away ends', async () => {
    const hook = { group: 'batch', version: 'v1', kind: 'Job', namespace: 'shop', name: 'migrate' }
    const object = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'migrate', namespace: 'shop', uid: 'j' } }
    const bench = benchWith(clockSetBack(), { find: async () => object, delete: async () => 'deleting' })
    const inHand = { ...hook, id: 'web/pre-install/Job/migrate', key: 'k', since: '' }
    const answer = await startHook(bench, { hook: inHand, object, deletePolicies: ['before-hook-creation'] })
    assert.ok(answer.kind === 'refused' && answer.message.includes('does not go away'), JSON.stringify(answer))
  })

  test("for a member's token ends", async () => {
    const made = { metadata: { uid: 'u' } }
    const member = { name: 'east', apply: async () => made, create: async () => made, find: async () => undefined }
    const minted = mintAccount(member as unknown as KubeClient, clockSetBack(), signal)
    await assert.rejects(minted, { code: 'cluster.timeout' })
  })

  test('for the host to take up our kinds ends', async () => {
    const host = {
      serverVersion: async () => ({ major: '1', minor: '36', gitVersion: 'v1.36.0' }),
      find: async () => undefined,
      create: async (object: KubeObject) => object,
      apply: async (object: KubeObject) => object,
      get: async () => ({ metadata: { name: 'a' } }),
    }
    const installed = installPlatform({ host: host as unknown as KubeClient, clock: clockSetBack(), signal })
    await assert.rejects(installed, { code: 'kube.api' })
  })

  test('for a reader of the stream that takes nothing ends', { timeout: 10_000 }, async () => {
    const clock = { ...systemClock, now: clockSetBack().now }
    const response = { write: () => false, once: () => {}, on: () => {}, end: () => {}, destroy: () => {} }
    const reader = new StreamReader({
      response: response as unknown as ServerResponse,
      caller: { tokenHash: 'h', identity: { user: 'a', groups: [] } } as unknown as Caller,
      topics: ['clusters'],
      services: { deps: { clock } } as unknown as Services,
      limits: { ...defaultLimits, slowMs: 30 },
    })
    await reader.run(new ChangeRing(1), undefined)
  })
})

describe('what is remembered of a delivery', () => {
  const inventory: Inventory = { deliveryUid: 'd-uid', epoch: 1, attempt: '1', components: {}, entries: [] }
  const deps = {
    fleet: { get: () => ({ connection: { state: 'connected', since: '', version: '' } }) },
    live: { wantFor: () => {}, objects: () => known([]), releases: () => known(new Map()) },
    state: { applications: { get: () => undefined } },
  }
  const observe = (bench: Workbench) => observeDelivery(bench, known(bench.client), new SetCache(), '')

  test('is read again when its time is over, whatever the time of day says', async () => {
    const clock = clockSetBack()
    let reads = 0
    const bench = benchWith(clock, { find: async () => void reads++ }, deps)
    bench.memory.inventory = { value: inventory, at: clock.elapsed() }
    await observe(bench)
    assert.equal(reads, 0, 'it is believed for a while')
    clock.advance(301_000)
    await observe(bench)
    assert.equal(reads, 1)
  })

  test('counts a set as gone only once it was looked for, and not for longer than meant', async () => {
    const clock = clockSetBack()
    const bench = benchWith(clock, { find: async () => undefined }, deps)
    clock.advance(1)
    assert.equal((await observe(bench)).sets.has('set'), false, 'nobody looked for it yet')
    bench.memory.missingSets.set('set', clock.elapsed())
    assert.equal((await observe(bench)).sets.has('set'), true)
    clock.advance(6_000)
    assert.equal((await observe(bench)).sets.has('set'), false)
  })
})
