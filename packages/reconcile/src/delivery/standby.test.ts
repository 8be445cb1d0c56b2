import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type KubeObject, refKey } from '@flotilla/model'
import { prepareObjects } from './prepare-objects.ts'
import { stripFields } from './left-fields.ts'
import { configMap, desiredOf, hook, sampleDelivery, sampleSet } from './testing/sample-delivery.ts'
import { sampleHashKey, SimulatedTarget } from './testing/simulated-target.ts'
import type { DeliverySet } from './types.ts'

const namespace = 'shop'
const object = (apiVersion: string, kind: string, name: string, spec: object, marks = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace, ...(Object.keys(marks).length === 0 ? {} : { annotations: marks }) },
  spec,
})
const consumer = { 'flotilla.dev/consumer': 'true' }
const scaler = (name: string, of: string): KubeObject =>
  object('autoscaling/v2', 'HorizontalPodAutoscaler', name, { scaleTargetRef: { kind: 'Deployment', name: of } })
const acting = [
  configMap('a', '1'),
  object('batch/v1', 'CronJob', 'nightly', { schedule: '* * * * *' }),
  object('batch/v1', 'Job', 'seed', {}),
  object('apps/v1', 'Deployment', 'web', { replicas: 2 }),
  object('apps/v1', 'Deployment', 'worker', { replicas: 3 }, consumer),
  object('apps/v1', 'StatefulSet', 'queue', {}, consumer),
  scaler('web', 'web'),
  scaler('worker', 'worker'),
  object('keda.sh/v1alpha1', 'ScaledObject', 'lag', { scaleTargetRef: { name: 'worker' } }),
  object('keda.sh/v1alpha1', 'ScaledJob', 'bursts', {}),
]
const sets = new Map<string, DeliverySet>([
  ['one', sampleSet('web', acting, [hook('migrate', ['pre-install', 'pre-upgrade'])], 'web')],
])
const delivery = (standby: boolean) => sampleDelivery(desiredOf({ web: 'one' }), standby ? { standby } : {})
const prepared = (standby: boolean) =>
  prepareObjects(delivery(standby), sets.get('one') ?? sampleSet('web', []), sampleHashKey)
const specOf = (list: ReturnType<typeof prepared>, name: string): unknown =>
  list.find(({ ref }) => ref.name === name)?.object['spec']

describe('a target in standby', () => {
  test('is sent everything but what acts by itself', () => {
    const standing = prepared(true)
    assert.deepEqual(
      standing.map(({ ref }) => `${ref.kind} ${ref.name}`),
      [
        'ConfigMap a',
        'CronJob nightly',
        'Deployment web',
        'Deployment worker',
        'StatefulSet queue',
        'HorizontalPodAutoscaler web',
      ],
    )
    assert.deepEqual(specOf(standing, 'nightly'), { schedule: '* * * * *', suspend: true })
    assert.deepEqual(specOf(standing, 'worker'), { replicas: 0 })
    assert.deepEqual(specOf(standing, 'queue'), { replicas: 0 })
    assert.deepEqual(
      specOf(
        standing.filter(({ ref }) => ref.kind === 'Deployment'),
        'web',
      ),
      { replicas: 2 },
    )
  })

  test('is told apart by its hashes, and only where it differs', () => {
    const hashes = (standby: boolean) => new Map(prepared(standby).map(({ ref, hash }) => [refKey(ref), hash]))
    const [still, ever] = [hashes(true), hashes(false)]
    const same = [...still].filter(([key, hash]) => ever.get(key) === hash).map(([key]) => key)
    assert.deepEqual(same, [
      '/ConfigMap/shop/a',
      'apps/Deployment/shop/web',
      'autoscaling/HorizontalPodAutoscaler/shop/web',
    ])
  })

  test('leaves neither replicas nor schedules to anybody', () => {
    const managedFields = [
      { manager: 'kube-controller-manager', subresource: 'scale', fieldsV1: { 'f:spec': { 'f:replicas': {} } } },
      { manager: 'tuner', fieldsV1: { 'f:spec': { 'f:suspend': {}, 'f:replicas': {} } } },
    ]
    for (const one of prepared(true)) {
      const live = { ...one.object, metadata: { ...one.object.metadata, managedFields } }
      const { object: sent, scaled } = stripFields({ ...one, leaveTo: ['tuner'] }, live)
      if (one.still === undefined) continue
      assert.deepEqual(sent['spec'], one.object['spec'])
      assert.equal(scaled, false)
    }
  })
})

describe('a delivery that goes to standby and back', () => {
  const deliver = (standby: boolean): SimulatedTarget => {
    const target = new SimulatedTarget(delivery(standby), sets)
    target.settle()
    return target
  }
  const stand = (target: SimulatedTarget, standby: boolean): void => {
    target.delivery = { ...target.delivery, spec: { ...target.delivery.spec, standby } }
  }
  const live = (target: SimulatedTarget, key: string): unknown => target.objects.get(key)?.object['spec']

  test('writes what differs, runs no hook again, and says what it wrote', () => {
    const target = deliver(false)
    assert.equal(target.delivery.status?.applied?.standby, undefined)
    assert.equal(target.hookRuns.length, 1)
    const record = target.releases.get('web')
    const web = target.objects.get('apps/Deployment/shop/web')
    stand(target, true)
    target.settle()
    assert.equal(target.delivery.status?.phase, 'Settled')
    assert.equal(target.delivery.status?.applied?.standby, true)
    assert.deepEqual(live(target, 'batch/CronJob/shop/nightly'), { schedule: '* * * * *', suspend: true })
    assert.deepEqual(live(target, 'apps/Deployment/shop/worker'), { replicas: 0 })
    assert.equal(target.objects.get('apps/Deployment/shop/web'), web)
    assert.equal(target.objects.has('autoscaling/HorizontalPodAutoscaler/shop/worker'), false)
    stand(target, false)
    target.settle()
    assert.equal(target.delivery.status?.applied?.standby, undefined)
    assert.deepEqual(live(target, 'apps/Deployment/shop/worker'), { replicas: 3 })
    assert.equal(target.objects.has('autoscaling/HorizontalPodAutoscaler/shop/worker'), true)
    assert.equal(target.hookRuns.length, 1)
    assert.deepEqual(target.releases.get('web'), record)
  })

  test('lets a Job that was begun end, and keeps it in the inventory', () => {
    const target = deliver(false)
    stand(target, true)
    target.settle()
    assert.ok(target.objects.has('batch/Job/shop/seed'))
    assert.ok(target.inventory?.entries.some(({ ref }) => ref.kind === 'Job'))
    assert.deepEqual(
      target.deleted.filter((key) => key.includes('Job/shop/seed')),
      [],
    )
    target.delivery = { ...target.delivery, metadata: { ...target.delivery.metadata, deletionTimestamp: target.time } }
    target.settle()
    assert.equal(target.objects.has('batch/Job/shop/seed'), false)
  })

  test('makes its Jobs when it starts for the first time', () => {
    const target = deliver(true)
    assert.equal(target.objects.has('batch/Job/shop/seed'), false)
    stand(target, false)
    target.settle()
    assert.ok(target.objects.has('batch/Job/shop/seed'))
  })

  test('turns round in the middle of its work', () => {
    const target = deliver(false)
    stand(target, true)
    target.pass()
    assert.equal(target.delivery.status?.attempt?.standby, true)
    stand(target, false)
    target.settle()
    assert.equal(target.delivery.status?.applied?.standby, undefined)
    assert.deepEqual(live(target, 'apps/Deployment/shop/worker'), { replicas: 3 })
  })

  test('puts back what somebody started by hand', () => {
    const target = deliver(true)
    const seen = target.objects.get('batch/CronJob/shop/nightly')?.object
    assert.ok(seen !== undefined)
    target.put({ ...seen, spec: { schedule: '* * * * *', suspend: false } })
    target.settle()
    assert.deepEqual(live(target, 'batch/CronJob/shop/nightly'), { schedule: '* * * * *', suspend: true })
  })
})
