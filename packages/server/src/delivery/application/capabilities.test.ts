import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Clock, KubeClient } from '@flotilla/kube'
import { apiVersion, Delivery, FlotillaError, type Known, known, unknown } from '@flotilla/model'
import { renderedFromAnnotation } from '@flotilla/reconcile'
import { CapabilityMemory, capabilityKey } from './capabilities.ts'
import { createMemoryBlobs } from './testing/memory-blobs.ts'

interface Served {
  version?: string
  apiVersions?: string[]
  unavailable?: string[]
  down?: boolean
}

/** A stand-in for clusters whose discovery says what the test says. */
function world(clusters: Record<string, Served>) {
  let time = 0
  let asked = 0
  const blobs = createMemoryBlobs()
  const deliveries: Delivery[] = []
  const clock: Clock = { now: () => time, elapsed: () => time, sleep: async () => undefined, random: () => 0 }
  const client = (name: string): Known<KubeClient> => {
    const served = clusters[name]
    if (served === undefined) return unknown(`there is no cluster ${name}`)
    const answer = <T>(value: T): Promise<T> =>
      served.down === true
        ? Promise.reject(new FlotillaError('cluster.timeout', { message: 'no answer' }))
        : Promise.resolve(value)
    return known({
      serverVersion: () => {
        asked++
        return answer({ major: '1', minor: '36', gitVersion: served.version ?? 'v1.36.3' })
      },
      discovery: {
        apiVersions: () => answer(served.apiVersions ?? ['v1']),
        kinds: () =>
          answer([
            { group: '', kind: 'Namespace', namespaced: false },
            { group: '', kind: 'Pod', namespaced: true },
          ]),
        unavailable: () => answer(served.unavailable ?? []),
      },
    } as unknown as KubeClient)
  }
  const connection = { state: 'connected', since: '', version: '' } as const
  const start = () =>
    new CapabilityMemory({
      fleet: { client, get: (name) => ({ name, labels: {}, edge: false, connection }) },
      blobs,
      clock,
      deliveriesIn: (cluster) => deliveries.filter(({ spec }) => spec.target.cluster === cluster),
    })
  return { start, blobs, deliveries, asked: () => asked, advance: (ms: number) => void (time += ms), clusters }
}

describe('what clusters can do', () => {
  test('equal clusters have one digest, so that they share their renders', async () => {
    const memory = world({ east: {}, west: {}, old: { version: 'v1.29.0' } }).start()
    const [east, west, old] = await Promise.all(['east', 'west', 'old'].map((name) => memory.observe(name)))
    assert.ok(east?.known && west?.known && old?.known)
    assert.equal(east.value.digest, west.value.digest)
    assert.notEqual(east.value.digest, old.value.digest)
    assert.deepEqual(east.value.capabilities.clusterScoped, ['/Namespace'])
  })

  test('is asked again before it is too old, and nobody waits for that', async () => {
    const { start, asked, advance, clusters } = world({ east: {} })
    const memory = start()
    await memory.observe('east')
    advance(31_000)
    clusters['east'] = { version: 'v1.37.0' }
    const meanwhile = await memory.observe('east')
    assert.ok(meanwhile.known)
    assert.equal(meanwhile.value.capabilities.kubeVersion, 'v1.36.3')
    assert.equal(asked(), 2)
    await new Promise((resolve) => setImmediate(resolve))
    const then = await memory.observe('east')
    assert.ok(then.known)
    assert.equal(then.value.capabilities.kubeVersion, 'v1.37.0')
    assert.equal(asked(), 2)
  })

  test('is asked once a minute, and at once after it was forgotten', async () => {
    const { start, asked, advance } = world({ east: {} })
    const memory = start()
    await Promise.all([memory.observe('east'), memory.observe('east')])
    await memory.observe('east')
    assert.equal(asked(), 1)
    advance(61_000)
    await memory.observe('east')
    assert.equal(asked(), 2)
    memory.forget('east')
    await memory.observe('east')
    assert.equal(asked(), 3)
  })

  test('a cluster that does not answer keeps what it was last seen with', async () => {
    const { start, advance, clusters } = world({ east: { apiVersions: ['apps/v1', 'v1'] } })
    const memory = start()
    const before = await memory.observe('east')
    clusters['east'] = { down: true }
    advance(61_000)
    assert.deepEqual(await memory.observe('east'), before)
  })

  test('over a restart it is found by what was rendered for it', async () => {
    const { start, blobs, deliveries, clusters } = world({ east: { apiVersions: ['apps/v1', 'v1'] } })
    const before = await start().observe('east')
    assert.ok(before.known)
    assert.ok(blobs.bytes.has(capabilityKey(before.value.digest)))
    const inputs = { web: { inputs: 'x', capabilities: before.value.digest, upgrade: false, revision: 1 } }
    deliveries.push(
      Delivery.parse({
        apiVersion,
        kind: 'Delivery',
        metadata: { name: 'web.east', annotations: { [renderedFromAnnotation]: JSON.stringify(inputs) } },
        spec: {
          application: { name: 'web', uid: 'u' },
          project: { name: 'shop', uid: 'u' },
          target: { cluster: 'east', namespace: 'shop' },
        },
      }),
    )
    clusters['east'] = { down: true }
    assert.deepEqual(await start().observe('east'), before)
  })

  test('one that was never seen is unknown, never empty', async () => {
    const seen = await world({ east: { down: true } })
      .start()
      .observe('east')
    assert.equal(seen.known, false)
    assert.equal((await world({}).start().observe('nowhere')).known, false)
  })

  test('a group that is registered but away for a moment is still there', async () => {
    const whole = ['metrics.k8s.io/v1beta1', 'metrics.k8s.io/v1beta1/NodeMetrics', 'v1']
    const { start, advance, clusters } = world({ east: { apiVersions: whole } })
    const memory = start()
    const before = await memory.observe('east')
    clusters['east'] = { apiVersions: ['v1'], unavailable: ['metrics.k8s.io/v1beta1'] }
    advance(61_000)
    assert.deepEqual(await memory.observe('east'), before)
    clusters['east'] = { apiVersions: ['v1'] }
    advance(61_000)
    const after = await memory.observe('east')
    assert.deepEqual(after.known && after.value.capabilities.apiVersions, ['v1'])
  })
})
