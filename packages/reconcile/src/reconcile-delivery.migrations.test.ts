import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { findUncertainHook, type KubeObject } from '@flotilla/model'
import { declaredMigration, migrationOf } from './delivery/hook-migration.ts'
import { configMap, desiredOf, hook, sampleDelivery, sampleSet } from './delivery/testing/sample-delivery.ts'
import { SimulatedTarget } from './delivery/testing/simulated-target.ts'
import type { DeliveryHook, DeliverySet } from './delivery/types.ts'

const migration = (name: string, events: string[], more: Record<string, string> = {}): DeliveryHook => {
  const plain = hook(name, events)
  const annotations = { 'flotilla.dev/migration': 'true', ...more }
  return { ...plain, object: { ...plain.object, metadata: { ...plain.object.metadata, annotations } } }
}
const hooks = [
  migration('migrate', ['pre-install', 'pre-upgrade', 'pre-rollback']),
  hook('before', ['pre-rollback']),
  hook('after', ['post-rollback']),
  hook('upgrade', ['pre-upgrade', 'post-upgrade']),
]
const sets = new Map<string, DeliverySet>([
  ['one', sampleSet('web', [configMap('a', '1')], hooks, 'web')],
  ['two', sampleSet('web', [configMap('a', '2')], hooks, 'web')],
])

function deliver(prepare: (target: SimulatedTarget) => void = () => {}): SimulatedTarget {
  const target = new SimulatedTarget(sampleDelivery(desiredOf({ web: 'one' })), sets)
  prepare(target)
  target.settle()
  return target
}
const want = (target: SimulatedTarget, digest: string, rollback?: boolean): void => {
  const desired = { ...desiredOf({ web: digest }, 2), ...(rollback === undefined ? {} : { rollback }) }
  target.delivery = { ...target.delivery, spec: { ...target.delivery.spec, desired } }
  target.settle()
}
const ran = (target: SimulatedTarget): string[] => target.hookRuns.map(({ id }) => id.split('@')[1] ?? '')

describe('hooks that migrate', () => {
  test('carry in the status what they are known by in the ledger, before anything is created', () => {
    const target = deliver((one) => {
      one.failing = { kind: 'startHook', message: 'the same migration runs elsewhere' }
    })
    const inHand = target.delivery.status?.attempt?.hook
    assert.match(inHand?.migration?.digest ?? '', /^hmac-sha256:[0-9a-f]{64}$/)
    assert.equal(inHand?.migration?.scope, 'target:east/shop')
    assert.match(target.delivery.status?.waitingFor ?? '', /the same migration runs elsewhere/)
    assert.deepEqual(ran(target), [])
  })

  test('that ran before are done without a run', () => {
    const target = deliver((one) => {
      one.insteadOfRuns.set('migrate', { kind: 'ranBefore', message: 'it ran before, on east/shop' })
    })
    assert.equal(target.delivery.status?.phase, 'Settled')
    assert.deepEqual(ran(target), [])
  })

  test('that something ended stop for a person, who may let them be tried again', () => {
    const target = deliver((one) => one.cut.add('migrate'))
    const { status } = target.delivery
    assert.equal(status?.phase, 'Failed')
    assert.equal(status.attempt?.hook?.outcome, 'Uncertain')
    assert.equal(findUncertainHook(status.message), 'migrate', 'who reads it is told which hook to look at')
    assert.equal(findUncertainHook('hook migrate (pre-install of web) failed: no reason given'), undefined)
    assert.equal(target.lastDecision?.next.next, 'stalled')
    assert.deepEqual(ran(target), ['one/pre-install/Job/migrate'])
    target.restart()
    target.settle()
    assert.equal(target.hookRuns.length, 1)
    target.cut.clear()
    target.delivery = { ...target.delivery, spec: { ...target.delivery.spec, syncRequest: 'again' } }
    target.settle()
    assert.equal(target.delivery.status?.phase, 'Settled')
    assert.equal(target.hookRuns.length, 2)
  })

  test('that do not end in time are as unknown as those that vanish', () => {
    const target = deliver()
    target.insteadOfRuns.set('migrate', { kind: 'done' })
    want(target, 'two')
    assert.equal(target.delivery.status?.attempt?.hook?.outcome, 'Uncertain')
  })

  test('never run in a rollback, whose own hooks take the place of those of an upgrade', () => {
    const target = deliver()
    want(target, 'two')
    const before = target.hookRuns.length
    want(target, 'one', true)
    assert.equal(target.delivery.status?.phase, 'Settled')
    assert.deepEqual(ran(target).slice(before), ['one/pre-rollback/Job/before', 'one/post-rollback/Job/after'])
    const fresh = new SimulatedTarget(sampleDelivery({ ...desiredOf({ web: 'one' }), rollback: true }), sets)
    fresh.settle()
    assert.equal(fresh.delivery.status?.phase, 'Settled')
    assert.deepEqual(ran(fresh), [], 'nor where the component comes back')
  })
})

test('what a chart declares of a migration', () => {
  const object = (annotations?: Record<string, string>): KubeObject => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'm', ...(annotations === undefined ? {} : { annotations }) },
    spec: { template: { spec: { containers: [{ name: 'm', image: 'i:1' }] } } },
  })
  const of = (value: string, more: Record<string, string> = {}) =>
    declaredMigration(object({ 'flotilla.dev/migration': value, ...more }))
  assert.equal(declaredMigration(object()), undefined)
  assert.equal(of('false'), undefined)
  assert.deepEqual(of('true'), { reversible: true, idempotent: false })
  assert.deepEqual(of('irreversible'), { reversible: false, idempotent: false })
  assert.deepEqual(of('true', { 'flotilla.dev/migration-reversible': 'false' }), {
    reversible: false,
    idempotent: false,
  })
  assert.deepEqual(
    of('true', { 'flotilla.dev/migration-idempotent': 'true', 'flotilla.dev/migration-database': 'orders' }),
    {
      reversible: true,
      idempotent: true,
      database: 'orders',
    },
  )
  const key = new Uint8Array(32)
  const here = { cluster: 'east', namespace: 'shop' }
  const one = migrationOf(object({ 'flotilla.dev/migration': 'true' }), here, key)
  const two = migrationOf(
    object({ 'flotilla.dev/migration': 'true', 'flotilla.dev/migration-database': 'orders' }),
    { ...here, cluster: 'west' },
    key,
  )
  assert.equal(one?.digest, two?.digest, 'the same content')
  assert.equal(two?.scope, 'database:orders')
  assert.equal(
    migrationOf({ ...object({ 'flotilla.dev/migration': 'true' }), kind: 'ConfigMap' }, here, key),
    undefined,
  )
})
