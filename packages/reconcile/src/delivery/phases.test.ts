import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { configMap, desiredOf, hook, sampleDelivery, sampleSet } from './testing/sample-delivery.ts'
import { SimulatedTarget } from './testing/simulated-target.ts'

const want = (target: SimulatedTarget, components: Record<string, string>): void => {
  const { delivery } = target
  target.delivery = { ...delivery, spec: { ...delivery.spec, desired: desiredOf(components, 2) } }
}
const names = (target: SimulatedTarget): string[] =>
  [...target.objects.values()].map(({ object }) => object.metadata.name).sort()
const sets = new Map([
  ['one', sampleSet('web', [configMap('a', '1'), configMap('b', '1')], [], 'web')],
  ['two', sampleSet('web', [configMap('a', '2'), configMap('c', '1')], [], 'web')],
])
function deliver(first: Record<string, string>): SimulatedTarget {
  const target = new SimulatedTarget(sampleDelivery(desiredOf(first)), sets)
  target.settle()
  return target
}

describe('the phases of a delivery', () => {
  const kindOf = (kind: string, name: string) => ({ ...configMap(name, '1'), kind })
  const illSets = new Map([
    ['bare', sampleSet('web', [configMap('b', '1')], [], 'web')],
    ['ill', sampleSet('web', [configMap('a', '1'), kindOf('Pod', 'ill')], [hook('tell', ['post-upgrade'])], 'web')],
    ['pending', sampleSet('web', [kindOf('Service', 'ill'), kindOf('PersistentVolumeClaim', 'ill')])],
  ])

  test('warns of keys that a container has twice', () => {
    const env = ['A', 'B', 'A'].map((name) => ({ name, value: 'x' }))
    const ports = [
      { containerPort: 80, name: 'http' },
      { containerPort: 80, name: 'metrics', protocol: 'TCP' },
    ]
    const containers = [{ name: 'c', image: 'i', env, ports: [...ports, { containerPort: 80, protocol: 'UDP' }] }]
    const metadata = { name: 'p', namespace: 'shop' }
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { template: { spec: { containers } } },
    }
    const twice = new Map([['twice', sampleSet('web', [deployment, configMap('a', '1')])]])
    const target = new SimulatedTarget(sampleDelivery(desiredOf({ web: 'twice' })), twice)
    target.settle()
    const { findings } = target.delivery.status ?? {}
    assert.deepEqual(
      findings?.map(({ severity, code, component }) => [severity, code, component]),
      [['Warning', 'delivery.double_key', 'web']],
    )
    assert.match(findings[0]?.message ?? '', /counts: env A of container c; ports 80\/TCP of container c\. /)
  })

  test('brings the definitions of a chart before its first hook, as Helm does', () => {
    const definition = (name: string) => ({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name },
    })
    const set = sampleSet('web', [configMap('a', '1')], [hook('migrate', ['pre-install', 'pre-upgrade'])], 'web')
    const charts = new Map([
      ['crds', { ...set, crds: [definition('widgets.example.com')] }],
      ['more', { ...set, crds: [definition('widgets.example.com'), definition('gadgets.example.com')] }],
    ])
    const project = { name: 'shop', uid: 'project-uid', scope: 'Cluster' as const }
    const target = new SimulatedTarget(sampleDelivery(desiredOf({ web: 'crds' }), { project }), charts)
    const seen: string[][] = []
    const look = (): void => {
      for (let at = 0; at < 60; at++) {
        const { hookRuns } = target
        const before = hookRuns.length
        target.tick()
        target.pass()
        if (hookRuns.length > before) seen.push(names(target))
      }
    }
    look()
    want(target, { web: 'more' })
    look()
    assert.deepEqual(seen, [
      ['migrate', 'widgets.example.com'],
      ['a', 'gadgets.example.com', 'migrate', 'widgets.example.com'],
    ])
    assert.equal(target.delivery.status?.phase, 'Settled')
    assert.deepEqual(target.decide().effects, [])
  })

  test('does not wait for a Service or a claim, which may wait for what comes later, and shows how they fare', () => {
    const target = new SimulatedTarget(sampleDelivery(desiredOf({ web: 'pending' })), illSets)
    target.ill.add('ill')
    target.settle(60)
    assert.equal(target.delivery.status?.phase, 'Settled')
    assert.equal(target.delivery.status.health, 'Progressing')
  })

  test('waits for health for a bounded time; then everything else is done, and the status says what is ill', () => {
    const target = new SimulatedTarget(sampleDelivery(desiredOf({ web: 'bare' })), illSets)
    target.ill.add('ill')
    target.settle()
    want(target, { web: 'ill' })
    const pass = (seconds: number): void => {
      for (let at = 0; at < seconds; at++) {
        target.tick()
        target.pass()
      }
    }
    pass(240)
    assert.equal(target.delivery.status?.phase, 'WaitingHealth')
    target.restart()
    pass(120)
    const { status } = target.delivery
    assert.equal(status?.phase, 'Settled')
    assert.equal(status.health, 'Progressing')
    assert.match(status.conditions?.[0]?.message ?? '', /Pod shop\/ill: on its way/)
    assert.deepEqual(names(target), ['a', 'ill', 'tell'])
    assert.equal(target.releases.get('web')?.revision, 2)
  })

  test('forgets hooks of sets that are neither wanted nor applied', () => {
    const migrate = hook('migrate', ['pre-install', 'pre-upgrade'])
    const many = new Map(
      ['0', '1', '2', '3'].map((digest) => [digest, sampleSet('web', [kindOf('Pod', 'ill')], [migrate])] as const),
    )
    const target = new SimulatedTarget(sampleDelivery(desiredOf({ web: '0' })), many)
    target.ill.add('ill')
    for (const digest of ['1', '2', '3']) {
      target.settle(30)
      want(target, { web: digest })
    }
    target.settle(30)
    assert.deepEqual(target.delivery.status?.attempt?.hooksDone, ['web@3/pre-install/Job/migrate'])
  })

  test('sends the number of replicas again when the autoscaler that had it is pruned', () => {
    const metadata = { name: 'web', namespace: 'shop' }
    const web = (replicas: number) => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas } })
    const autoscaler = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata }
    const charts = new Map([
      ['auto', sampleSet('web', [web(1), autoscaler], [], 'web')],
      ['manual', sampleSet('web', [web(2)], [], 'web')],
    ])
    const target = new SimulatedTarget(sampleDelivery(desiredOf({ web: 'auto' })), charts)
    target.settle()
    const before = target.objects.get('apps/Deployment/shop/web')
    assert.ok(before)
    target.put({ ...before.object, spec: { replicas: 7 } })
    want(target, { web: 'manual' })
    target.settle()
    assert.deepEqual(target.objects.get('apps/Deployment/shop/web')?.object['spec'], { replicas: 2 })
    assert.equal(target.delivery.status?.phase, 'Settled')
    assert.equal(target.delivery.status.drift?.state, 'None')
    assert.deepEqual(target.decide().effects, [])
  })

  test('prunes what left and the watch does not show, unless somebody took our label off it', () => {
    for (const ours of [true, false]) {
      const target = deliver({ web: 'one' })
      const b = target.objects.get('/ConfigMap/shop/b')
      assert.ok(b)
      if (ours) target.hidden.add('b')
      else target.put({ ...b.object, metadata: { ...b.object.metadata, labels: {} } })
      want(target, { web: 'two' })
      target.settle()
      assert.deepEqual(names(target), ours ? ['a', 'c'] : ['a', 'b', 'c'])
      assert.equal(target.delivery.status?.phase, 'Settled')
      assert.equal(target.inventory?.entries.length, 2)
    }
  })

  test('says why an effect is tried again and again, holds still while it says the same, and stops saying it', () => {
    const target = new SimulatedTarget(sampleDelivery(desiredOf({ web: 'one' })), sets)
    target.failing = { kind: 'dryRun', message: 'Cluster east: etcdserver: request timed out' }
    target.settle(10)
    assert.equal(
      target.delivery.status?.waitingFor,
      'the dry-run of 2 objects: Cluster east: etcdserver: request timed out',
    )
    assert.match(target.delivery.status.conditions?.[0]?.message ?? '', /request timed out/)
    const { status } = target.delivery
    target.pass()
    assert.equal(target.delivery.status, status)
    target.failing = undefined
    target.settle()
    assert.equal(target.delivery.status?.phase, 'Settled')
    assert.equal(target.delivery.status.waitingFor, undefined)
  })
})
