import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { configMap, desiredOf, hook, sampleDelivery, sampleSet, sampleUid } from './delivery/testing/sample-delivery.ts'
import { SimulatedTarget } from './delivery/testing/simulated-target.ts'
import type { DeliverySet } from './delivery/types.ts'

const sets = new Map<string, DeliverySet>([
  ['one', sampleSet('web', [configMap('a', '1'), configMap('b', '1')], [], 'web')],
  ['two', sampleSet('web', [configMap('a', '2'), configMap('c', '1')], [], 'web')],
  [
    'hooked',
    sampleSet(
      'web',
      [configMap('a', '3')],
      [hook('migrate', ['pre-install', 'pre-upgrade']), hook('notify', ['post-upgrade'], ['hook-succeeded'])],
      'web',
    ),
  ],
  ['broken', sampleSet('web', [configMap('a', '4')], [hook('broken', ['pre-install', 'pre-upgrade'])], 'web')],
  ['other', sampleSet('extra', [configMap('x', '1')], [hook('farewell', ['pre-delete'])], 'extra')],
])

function deliver(first: Record<string, string>): SimulatedTarget {
  const target = new SimulatedTarget(sampleDelivery(desiredOf(first)), sets)
  target.settle()
  return target
}
const want = (target: SimulatedTarget, components: Record<string, string>): void => {
  const { delivery } = target
  target.delivery = { ...delivery, spec: { ...delivery.spec, desired: desiredOf(components, 2) } }
}
const sync = (target: SimulatedTarget, request: string): void => {
  target.delivery = { ...target.delivery, spec: { ...target.delivery.spec, syncRequest: request } }
}
const remove = (target: SimulatedTarget): void => {
  const { delivery } = target
  target.delivery = { ...delivery, metadata: { ...delivery.metadata, deletionTimestamp: target.time } }
}
const names = (target: SimulatedTarget): string[] =>
  [...target.objects.values()].map(({ object }) => object.metadata.name).sort()

describe('a delivery', () => {
  test('brings everything, then has nothing more to do', () => {
    const target = deliver({ web: 'one' })
    assert.equal(target.delivery.status?.phase, 'Settled')
    assert.equal(target.delivery.status?.health, 'Healthy')
    assert.equal(target.delivery.status?.applied?.digest, 'web+one')
    assert.deepEqual(names(target), ['a', 'b'])
    assert.deepEqual(target.releases.get('web')?.revision, 1)
    assert.equal(target.pass(), true)
  })

  test('prunes what left, and only that', () => {
    const target = deliver({ web: 'one' })
    target.put(configMap('stranger', '1'))
    want(target, { web: 'two' })
    target.settle()
    assert.deepEqual(names(target), ['a', 'c', 'stranger'])
    assert.deepEqual(target.deleted, ['/ConfigMap/shop/b'])
    assert.equal(target.releases.get('web')?.revision, 2)
  })

  test('that is to have nothing any more is emptied, and comes to rest', () => {
    const target = deliver({ web: 'one' })
    want(target, {})
    target.settle()
    assert.equal(target.delivery.status?.phase, 'Settled')
    assert.equal(target.delivery.status?.applied?.digest, '')
    assert.deepEqual(names(target), [])
    assert.deepEqual(target.releases.get('web'), undefined)
    assert.equal(target.pass(), true)
    remove(target)
    target.settle()
    assert.deepEqual(names(target), [])
  })

  test('writes only objects that changed', () => {
    const target = deliver({ web: 'one', extra: 'other' })
    const before = target.objects.get('/ConfigMap/shop/x')
    want(target, { web: 'two', extra: 'other' })
    target.settle()
    assert.equal(target.objects.get('/ConfigMap/shop/x'), before)
  })

  test('runs install hooks the first time and upgrade hooks afterwards, and no hook of an unchanged component', () => {
    const target = deliver({ web: 'hooked' })
    const runs = (): string[] => target.hookRuns.map(({ id }) => id)
    assert.deepEqual(runs(), ['web@hooked/pre-install/Job/migrate'])
    want(target, { web: 'hooked', extra: 'other' })
    target.settle()
    assert.equal(runs().length, 1)
    want(target, { web: 'one' })
    target.settle()
    assert.deepEqual(runs().slice(1), ['extra@other/pre-delete/Job/farewell'])
    want(target, { web: 'hooked' })
    target.settle()
    assert.deepEqual(runs().slice(2), ['web@hooked/pre-upgrade/Job/migrate', 'web@hooked/post-upgrade/Job/notify'])
    assert.ok(!names(target).includes('notify'), 'a hook with hook-succeeded is removed after its round')
  })

  test('stops at a failed hook before anything is applied, until a person syncs', () => {
    const target = deliver({ web: 'one' })
    want(target, { web: 'broken' })
    target.settle()
    const { status } = target.delivery
    assert.equal(status?.phase, 'Failed')
    assert.match(status?.message ?? '', /hook broken \(pre-upgrade of web\) failed: exit code 1/)
    assert.equal(target.lastDecision?.next.next, 'stalled')
    assert.equal(target.hookRuns.length, 1)
    assert.deepEqual(target.objects.get('/ConfigMap/shop/a')?.object['data'], { value: '1' })
    sync(target, 'again')
    target.settle()
    assert.equal(target.hookRuns.length, 2, 'the person asked for one more run')
    want(target, { web: 'two' })
    target.settle()
    assert.equal(target.delivery.status?.phase, 'Settled')
  })

  test('repairs what was changed and what was deleted', () => {
    const target = deliver({ web: 'one' })
    const a = target.objects.get('/ConfigMap/shop/a')
    assert.ok(a)
    target.put({ ...a.object, data: { value: 'meddled' } })
    target.objects.delete('/ConfigMap/shop/b')
    target.settle()
    assert.deepEqual(target.objects.get('/ConfigMap/shop/a')?.object['data'], { value: '1' })
    assert.deepEqual(names(target), ['a', 'b'])
    assert.equal(target.delivery.status?.drift?.state, 'None')
  })

  test('of a repair that is refused it tells the first objects, and how many more', () => {
    const many = Array.from({ length: 50 }, (_, at) => configMap(`many-${at}`, '1'))
    const target = new SimulatedTarget(
      sampleDelivery(desiredOf({ web: 'many' })),
      new Map([['many', sampleSet('web', many, [], 'web')]]),
    )
    target.settle()
    for (const object of many) target.put({ ...object, data: { value: 'meddled' } })
    target.refusing = true
    target.settle()
    const { message = '' } = target.delivery.status ?? {}
    assert.match(message, /refused many-/)
    assert.match(message, /\nand \d+ more$/)
  })

  test('only reports drift when asked to', () => {
    const target = deliver({ web: 'one' })
    target.delivery = { ...target.delivery, spec: { ...target.delivery.spec, driftPolicy: 'Report' } }
    const a = target.objects.get('/ConfigMap/shop/a')
    assert.ok(a)
    target.put({ ...a.object, data: { value: 'meddled' } })
    target.settle()
    const { drift } = target.delivery.status ?? {}
    assert.equal(drift?.state, 'Drifted')
    assert.deepEqual(
      drift?.objects?.map(({ name, what, paths }) => [name, what, paths]),
      [['a', 'Changed', ['data']]],
    )
    sync(target, 'now')
    target.settle()
    assert.deepEqual(target.objects.get('/ConfigMap/shop/a')?.object['data'], { value: '1' })
  })

  test('says Unknown since when while the cluster is away, writes nothing, and goes on when it is back', () => {
    const target = deliver({ web: 'one' })
    target.connected = false
    want(target, { web: 'two' })
    const { writes } = target
    target.settle(5)
    const { status } = target.delivery
    assert.equal(status?.health, 'Unknown')
    assert.equal(status?.components?.[0]?.health, 'Healthy', 'what was seen last stays')
    assert.match(status?.message ?? '', /Not seen since .*Seen last: Healthy/)
    assert.equal(target.writes - writes, 1, 'only the status was written')
    target.connected = true
    target.settle()
    assert.equal(target.delivery.status?.phase, 'Settled')
    assert.equal(target.delivery.status?.unknownSince, undefined)
    assert.deepEqual(names(target), ['a', 'c'])
  })

  test('reports what plain helm did and holds until a person syncs', () => {
    const target = deliver({ web: 'one' })
    target.releases.set('web', { revision: 2, status: 'deployed', writtenBy: undefined })
    const a = target.objects.get('/ConfigMap/shop/a')
    assert.ok(a)
    target.put({ ...a.object, data: { value: 'rolled back' } })
    target.settle()
    assert.match(target.delivery.status?.helmChanged ?? '', /helm made revision 2/)
    want(target, { web: 'two' })
    target.settle()
    assert.deepEqual(target.objects.get('/ConfigMap/shop/a')?.object['data'], { value: 'rolled back' })
    sync(target, 'mine')
    target.settle()
    assert.deepEqual(target.objects.get('/ConfigMap/shop/a')?.object['data'], { value: '2' })
    assert.deepEqual(target.releases.get('web'), { revision: 3, status: 'deployed', writtenBy: sampleUid })
    assert.equal(target.delivery.status?.helmChanged, undefined)
  })

  test('does not take for its own what plain helm did under the very revision that was planned', () => {
    const target = deliver({ web: 'one' })
    want(target, { web: 'two' })
    let taken = false
    for (let at = 0; at < 60; at++) {
      target.tick()
      target.pass()
      const planned = target.inventory?.components['web']?.release?.revision
      if (taken || planned !== 2 || target.releases.get('web')?.revision !== 1) continue
      target.releases.set('web', { revision: 2, status: 'deployed', writtenBy: undefined, deployed: 2 })
      taken = true
    }
    assert.equal(taken, true)
    assert.equal(target.releases.get('web')?.writtenBy, undefined, 'what helm wrote stays')
    assert.equal(target.delivery.status?.phase, 'Settled')
    assert.match(target.delivery.status.helmChanged ?? '', /helm made revision 2 \(deployed\) of the release web/)
    sync(target, 'mine')
    target.settle()
    assert.equal(target.delivery.status.helmChanged, undefined)
    assert.deepEqual(target.releases.get('web'), { revision: 3, status: 'deployed', writtenBy: sampleUid })
  })

  test('after a plain helm uninstall, installs anew when a person syncs', () => {
    const target = deliver({ web: 'hooked' })
    target.releases.delete('web')
    target.objects.delete('/ConfigMap/shop/a')
    target.settle()
    assert.ok(!names(target).includes('a'), 'held')
    sync(target, 'mine')
    target.settle()
    assert.ok(names(target).includes('a'))
    assert.deepEqual(
      target.hookRuns.map(({ id }) => id),
      ['web@hooked/pre-install/Job/migrate', 'web@hooked/pre-install/Job/migrate'],
    )
  })

  test('writes nothing while it is paused, and shows drift all the same', () => {
    const target = deliver({ web: 'one' })
    target.delivery = { ...target.delivery, spec: { ...target.delivery.spec, paused: true } }
    target.objects.delete('/ConfigMap/shop/b')
    target.settle()
    assert.equal(target.delivery.status?.drift?.state, 'Drifted')
    want(target, { web: 'two' })
    target.settle()
    assert.deepEqual(names(target), ['a'])
    assert.equal(target.delivery.status?.waitingFor, 'a person: it is paused')
  })

  test('refuses other namespaces and cluster-scoped objects, all of them at once, and writes nothing', () => {
    const elsewhere = { ...configMap('e', '1'), metadata: { name: 'e', namespace: 'kube-system' } }
    const clusterWide = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'all' } }
    const bad = new Map([['bad', sampleSet('web', [configMap('a', '1'), elsewhere, clusterWide])]])
    const target = new SimulatedTarget(sampleDelivery(desiredOf({ web: 'bad' })), bad)
    target.settle(10)
    const message = target.delivery.status?.message ?? ''
    assert.match(message, /ConfigMap kube-system\/e is outside the namespace shop/)
    assert.match(message, /ClusterRole all is cluster-scoped/)
    assert.equal(target.objects.size, 0)
    assert.equal(target.delivery.status?.phase, 'Failed')
  })

  test('a set that is no longer stored is never taken for an empty one', () => {
    const target = deliver({ web: 'one' })
    target.restart()
    want(target, { web: 'lost' })
    target.settle()
    assert.deepEqual(names(target), ['a', 'b'])
    assert.match(target.delivery.status?.waitingFor ?? '', /no longer stored/)
    assert.deepEqual(target.delivery.status?.findings ?? [], [], 'it is rendered again by itself')
  })

  test('a set of a release that is no longer stored is a finding, which goes when it is there again', () => {
    const target = deliver({ web: 'one' })
    target.restart()
    const release = (digest: string) => {
      want(target, { web: digest })
      const { spec } = target.delivery
      const desired = spec.desired === undefined ? undefined : { ...spec.desired, release: 'r1' }
      target.delivery = { ...target.delivery, spec: { ...spec, ...(desired === undefined ? {} : { desired }) } }
      target.settle()
      return target.delivery.status?.findings?.map(({ code }) => code) ?? []
    }
    assert.deepEqual(release('lost'), ['delivery.set_lost'])
    assert.deepEqual(names(target), ['a', 'b'])
    assert.deepEqual(release('two'), [])
  })
})

describe('a damaged inventory', () => {
  const damage = (target: SimulatedTarget): void => {
    assert.ok(target.inventory)
    target.inventory = { ...target.inventory, attempt: '', components: {}, entries: [] }
  }

  test('is recorded again, without a hook, a record or a change of what runs', () => {
    const target = deliver({ web: 'hooked', extra: 'other' })
    const { inventory } = target
    damage(target)
    const before = [...target.objects]
    target.settle()
    assert.equal(target.delivery.status?.phase, 'Settled')
    assert.equal(target.delivery.status.health, 'Healthy')
    const facts = (of: typeof inventory): unknown => [
      of?.entries,
      Object.values(of?.components ?? {}).map(({ digest, release }) => [digest, release?.revision]),
    ]
    assert.deepEqual(facts(target.inventory), facts(inventory))
    assert.deepEqual([...target.objects], before)
    assert.equal(target.hookRuns.length, 1)
    target.objects.delete('/ConfigMap/shop/a')
    target.settle()
    assert.ok(names(target).includes('a'), 'drift is repaired again')
  })

  test('does not keep a removal from taking away what was applied', () => {
    const target = deliver({ web: 'one', extra: 'other' })
    target.put(configMap('stranger', '1'))
    damage(target)
    remove(target)
    target.settle()
    assert.equal(target.removed, true)
    assert.deepEqual(names(target), ['farewell', 'stranger'])
  })
})

describe('removing a delivery', () => {
  test('takes its objects, its record and its inventory away, with the hooks of the chart', () => {
    const target = deliver({ extra: 'other' })
    target.put(configMap('stranger', '1'))
    remove(target)
    target.settle()
    assert.equal(target.removed, true)
    assert.deepEqual(names(target), ['farewell', 'stranger'])
    assert.equal(target.releases.size, 0)
    assert.equal(target.inventory, undefined)
    assert.equal(target.hookRuns.length, 1)
  })

  test('lets go of everything with deletionPolicy Keep', () => {
    const target = deliver({ extra: 'other' })
    target.delivery = { ...target.delivery, spec: { ...target.delivery.spec, deletionPolicy: 'Keep' } }
    remove(target)
    target.settle()
    assert.equal(target.removed, true)
    assert.deepEqual(names(target), ['x'])
    assert.equal(target.releases.size, 1, 'plain helm goes on with it')
    assert.deepEqual(target.objects.get('/ConfigMap/shop/x')?.object.metadata.labels, {})
  })

  test('is not held up by a cluster that is lost', () => {
    const target = deliver({ extra: 'other' })
    target.connected = false
    remove(target)
    target.settle()
    assert.equal(target.removed, true)
    assert.deepEqual(names(target), ['x'])
  })
})
