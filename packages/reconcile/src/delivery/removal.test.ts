import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { configMap, desiredOf, hook, sampleDelivery, sampleSet } from './testing/sample-delivery.ts'
import { SimulatedTarget } from './testing/simulated-target.ts'
import type { Barred, DeliverySet } from './types.ts'

const sets = new Map<string, DeliverySet>([
  ['one', sampleSet('web', [configMap('a', '1')])],
  ['hooked', sampleSet('web', [configMap('a', '2')], [hook('migrate', ['pre-upgrade'])])],
])
const reason = 'configmaps "flotilla-inventory-shop" is forbidden'

/** Delivered, then deleted, in a member that lets the delivery group in no more. */
function barred(namespace: Barred['namespace'], spec: Parameters<typeof sampleDelivery>[1] = {}): SimulatedTarget {
  const target = new SimulatedTarget(sampleDelivery(desiredOf({ web: 'one' }), spec), sets)
  target.settle()
  target.barred = { reason, namespace }
  const { delivery } = target
  target.delivery = { ...delivery, metadata: { ...delivery.metadata, deletionTimestamp: target.time } }
  return target
}
const effects = (target: SimulatedTarget): string[] => target.decide().effects.map(({ kind }) => kind)

describe('a removal where the member refuses the delivery group', () => {
  for (const gone of ['gone', 'going'] as const)
    test(`is over when the namespace is ${gone}`, () => {
      const target = barred(gone)
      target.settle()
      assert.equal(target.removed, true)
    })

  test('says why it waits and what to do, and goes on when the rights are back', () => {
    const target = barred('present')
    target.settle()
    assert.equal(target.removed, false)
    const { conditions, phase } = target.delivery.status ?? {}
    assert.equal(phase, 'Removing')
    assert.match(conditions?.[0]?.message ?? '', /is forbidden.*--objects keep/s)
    target.barred = undefined
    target.settle()
    assert.equal(target.removed, true)
    assert.equal(target.objects.size, 0)
  })

  test('always gets through with keep, also when that is said later', () => {
    const target = barred('present')
    target.settle()
    target.delivery = { ...target.delivery, spec: { ...target.delivery.spec, deletionPolicy: 'Keep' } }
    assert.deepEqual(effects(target), ['recordOrphan', 'removeFinalizer'])
    target.settle()
    assert.equal(target.removed, true)
    assert.equal(target.objects.size, 1)
  })

  test('takes our finalizer off a hook that would hold up the namespace, as the platform', () => {
    const target = new SimulatedTarget(sampleDelivery(desiredOf({ web: 'one' })), sets)
    target.settle()
    const { delivery } = target
    target.delivery = { ...delivery, spec: { ...delivery.spec, desired: desiredOf({ web: 'hooked' }, 2) } }
    for (let at = 0; at < 20 && target.delivery.status?.attempt?.hook === undefined; at++) {
      target.tick()
      target.pass()
    }
    assert.ok(target.delivery.status?.attempt?.hook, 'a hook runs')
    target.barred = { reason, namespace: 'going' }
    const { metadata } = target.delivery
    target.delivery = { ...target.delivery, metadata: { ...metadata, deletionTimestamp: target.time } }
    const [finish] = target.decide().effects
    assert.ok(finish?.kind === 'finishHook' && finish.asPlatform === true)
    target.settle()
    assert.equal(target.removed, true)
  })

  test('names what stays of a project with scope Cluster, whose list went with the namespace', () => {
    const project = { name: 'shop', uid: 'project-uid', scope: 'Cluster' as const }
    assert.deepEqual(effects(barred('gone', { project })), ['recordLeft', 'removeFinalizer'])
  })
})
