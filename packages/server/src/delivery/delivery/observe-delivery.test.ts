import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeClient } from '@flotilla/kube'
import { Delivery, known, type KubeObject } from '@flotilla/model'
import { hookRunAnnotation } from '@flotilla/reconcile'
import type { Workbench } from './deps.ts'
import { DeliveryMemory, SetCache } from './delivery-memory.ts'
import { observeDelivery } from './observe-delivery.ts'

const secret = 'hunter22-of-the-database'
const digest = 'hmac-sha256:0123456789abcdef'
const hook = {
  id: 'web@456789abcdef/pre-install/Pod/migrate',
  key: 'run',
  group: '',
  version: 'v1',
  kind: 'Pod',
  namespace: 'shop',
  name: 'migrate',
  since: '2026-01-01T00:00:00Z',
}
const pod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: hook.name, namespace: hook.namespace, annotations: { [hookRunAnnotation]: hook.key } },
  status: {
    phase: 'Failed',
    containerStatuses: [{ name: 'main', state: { terminated: { exitCode: 3, reason: 'Error' } } }],
  },
}
/** Work on the set of this digest was begun; what is wanted is told in its place. */
const deliveryOf = (wanted: string): Delivery =>
  Delivery.parse({
    apiVersion: 'flotilla.dev/v1alpha1',
    kind: 'Delivery',
    metadata: { name: 'shop.east', namespace: 'pj-shop', uid: 'u' },
    spec: {
      application: { name: 'shop', uid: 'a' },
      project: { name: 'shop', uid: 'p' },
      target: { cluster: 'east', namespace: 'shop' },
      desired: { digest: wanted, revision: 2, components: [{ name: 'web', digest: wanted }] },
    },
    status: { attempt: { digest, startedAt: hook.since, hooksDone: [], failures: 0, installs: [], hook } },
  })

const now = Date.parse(hook.since)

/** One pass on a stand-in for the member, which holds the pod of a hook that failed. */
async function failureSeen(memory: DeliveryMemory, cache: SetCache, wanted: string, log: string): Promise<string> {
  memory.inventory = { value: undefined, at: now }
  const standIn = {
    find: () => Promise.resolve(pod),
    logs: () => Promise.resolve([Buffer.from(log)]),
  }
  const deps = {
    clock: { now: () => now, elapsed: () => now },
    fleet: { get: () => ({ connection: { state: 'connected' } }) },
    live: { wantFor: () => undefined, objects: () => known([]) },
    state: { applications: { get: () => undefined } },
    digestKey: new Uint8Array(32),
  }
  const bench = { deps, delivery: deliveryOf(wanted), memory, signal: new AbortController().signal }
  const { hook: seen } = await observeDelivery(
    // all that is asked of them here
    bench as unknown as Workbench,
    known(standIn as unknown as KubeClient),
    cache,
    hook.since,
  )
  assert.ok(seen.known && seen.value.state === 'failed', JSON.stringify(seen))
  return seen.value.message
}

const held = {
  set: { component: 'web', crds: [], objects: [], hooks: [], notes: '', secrets: [secret] },
  bytes: 1,
}
const otherDigest = 'hmac-sha256:fedcba9876543210'

test('what a hook wrote is left out while a new process does not know the secrets of its set', async () => {
  const [memory, cache] = [new DeliveryMemory(), new SetCache()]
  cache.put(otherDigest, { ...held, set: { ...held.set, secrets: [] } }, new Set())
  for (const wanted of [digest, otherDigest]) {
    const message = await failureSeen(memory, cache, wanted, `cannot connect with ${secret}`)
    assert.match(message, /exit code 3/)
    assert.ok(!/hunter22|cannot connect/.test(message), message)
  }
  cache.put(digest, held, new Set())
  assert.match(await failureSeen(memory, cache, digest, `cannot connect with ${secret}`), /cannot connect with •••$/)
})

test('a hook of a set that is wanted no more is told with its secrets hidden', async () => {
  const [memory, cache] = [new DeliveryMemory(), new SetCache()]
  cache.put(digest, held, new Set())
  await failureSeen(memory, cache, digest, '')
  assert.match(await failureSeen(memory, cache, otherDigest, `with ${secret}`), /with •••$/)
})

test('a secret that the limits of what is told cut in two is not shown by half', async () => {
  const [memory, cache] = [new DeliveryMemory(), new SetCache()]
  cache.put(digest, held, new Set())
  for (let padding = 0; padding < secret.length; padding++) {
    const line = `${'.'.repeat(padding)}${secret.repeat(30)}\n`
    const message = await failureSeen(memory, cache, digest, line.repeat(10).slice(0, 4096))
    assert.ok(!/hunter|database/.test(message), message)
  }
})
