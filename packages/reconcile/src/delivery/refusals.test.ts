import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeObject } from '@flotilla/model'
import { prepareObjects } from './prepare-objects.ts'
import {
  bindsArriving,
  computeArriving,
  computeClashes,
  computeOwnership,
  computeRefusals,
  failuresText,
} from './refusals.ts'
import { configMap, desiredOf, hook, sampleDelivery, sampleSet } from './testing/sample-delivery.ts'

const existing = (labels: Record<string, string>, annotations: Record<string, string> = {}): KubeObject => ({
  ...configMap('a', '1'),
  metadata: { name: 'a', namespace: 'shop', labels, annotations },
})
const context = {
  deliveryUid: 'ours',
  application: 'shop',
  targetNamespace: 'shop',
  releaseName: 'web',
  appliedBefore: false,
  adopt: false,
}
const ofRelease = (name: string, namespace = 'shop'): Record<string, string> => ({
  'meta.helm.sh/release-name': name,
  'meta.helm.sh/release-namespace': namespace,
})

describe('an object that exists', () => {
  const cases: [string, KubeObject, Partial<typeof context>, RegExp | undefined][] = [
    ['with our label is ours', existing({ 'flotilla.dev/delivery': 'ours' }), {}, undefined],
    [
      'of another delivery is not, not even when adopting',
      existing({ 'flotilla.dev/delivery': 'theirs', 'flotilla.dev/application': 'blog' }),
      { adopt: true },
      /belongs to another delivery, of application blog/,
    ],
    [
      'of an earlier delivery of the same application may be adopted',
      existing({ 'flotilla.dev/delivery': 'theirs', 'flotilla.dev/application': 'shop' }),
      { adopt: true },
      undefined,
    ],
    ['of another release is not', existing({}, ofRelease('old')), { adopt: true }, /Helm release shop\/old/],
    ['of our release in another namespace is not', existing({}, ofRelease('web', 'x')), {}, /Helm release x\/web/],
    ['of our release before we came has to be adopted', existing({}, ofRelease('web')), {}, /did not bring it/],
    ['of our release, made anew by helm, is ours', existing({}, ofRelease('web')), { appliedBefore: true }, undefined],
    ['of nobody has to be adopted', existing({}), { appliedBefore: true }, /flotilla adopt|did not bring it/],
    ['of nobody may be adopted', existing({}), { adopt: true }, undefined],
  ]
  for (const [name, object, more, message] of cases) {
    test(name, () => {
      const failure = computeOwnership(object, { ...context, ...more })
      if (message === undefined) return assert.equal(failure, undefined)
      assert.equal(failure?.code, 'delivery.owned_by_other')
      assert.match(failure.message, message)
      assert.ok(failure.remedy)
    })
  }
})

describe('what a project may not deliver', () => {
  const clusterWide: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'mine' } }
  const elsewhere = { ...configMap('e', '1'), metadata: { name: 'e', namespace: 'other' } }
  const set = sampleSet(
    'web',
    [configMap('a', '1'), clusterWide],
    [{ ...hook('h', ['pre-install']), object: elsewhere }],
  )

  test('is named, hooks and definitions included', () => {
    const failures = computeRefusals(sampleDelivery(desiredOf({ web: 'one' })), [set])
    assert.deepEqual(
      failures.map(({ code, message }) => [code, message]),
      [
        ['delivery.object_refused', 'Namespace mine is cluster-scoped, which this project may not deliver'],
        ['delivery.object_refused', 'ConfigMap other/e is outside the namespace shop of this project'],
      ],
    )
    assert.match(failuresText(failures), /Namespace mine.*\nConfigMap other\/e/)
  })

  test('is allowed to a project with scope Cluster', () => {
    const delivery = sampleDelivery(desiredOf({ web: 'one' }), {
      project: { name: 'shop', uid: 'u', scope: 'Cluster' },
    })
    assert.deepEqual(computeRefusals(delivery, [set]), [])
  })

  test('is the same object from two components', () => {
    const delivery = sampleDelivery(desiredOf({ web: 'one', extra: 'two' }))
    const objects = [sampleSet('web', [configMap('a', '1')]), sampleSet('extra', [configMap('a', '2')])].flatMap(
      (one) => prepareObjects(delivery, one, new Uint8Array(32)),
    )
    assert.deepEqual(
      computeClashes(objects).map(({ message }) => message),
      ['ConfigMap shop/a comes from component web and from component extra'],
    )
  })
})

test('kinds and namespaces of the same set are known to arrive with it', () => {
  const definition: KubeObject = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.example.com' },
    spec: { group: 'example.com', names: { kind: 'Thing' } },
  }
  const space: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'mine' } }
  const objects = prepareObjects(
    sampleDelivery(desiredOf({ web: 'one' })),
    sampleSet('web', [definition, space]),
    new Uint8Array(32),
  )
  assert.deepEqual(computeArriving(objects), { kinds: ['example.com/Thing'], namespaces: ['mine'], roles: [] })
})

test('a binding is known by the role that comes with it', () => {
  const rbac = 'rbac.authorization.k8s.io'
  const metadata = { name: 'reader', namespace: 'shop' }
  const role: KubeObject = { apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules: [] }
  const binding = (kind: string, name: string): KubeObject => ({
    apiVersion: `${rbac}/v1`,
    kind: 'RoleBinding',
    metadata: { name, namespace: 'shop' },
    roleRef: { apiGroup: rbac, kind, name },
  })
  const wanted = [role, binding('Role', 'reader'), binding('Role', 'other'), binding('ClusterRole', 'reader')]
  const objects = prepareObjects(
    sampleDelivery(desiredOf({ web: 'one' })),
    sampleSet('web', wanted),
    new Uint8Array(32),
  )
  const arriving = computeArriving(objects)
  assert.deepEqual(arriving.roles, ['Role/shop/reader'])
  assert.deepEqual(
    objects.map((object) => bindsArriving(object, arriving)),
    [false, true, false, false],
  )
})

test('prepared objects carry our labels and what helm asks for, and lose what only the API server writes', () => {
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [] } }
  const from: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'shop', uid: 'x', resourceVersion: '1', labels: { app: 'web' } },
    spec: { template },
    status: { replicas: 1 },
  }
  const delivery = sampleDelivery(desiredOf({ web: 'one' }))
  const [prepared] = prepareObjects(delivery, sampleSet('web', [from], [], 'release'), new Uint8Array(32))
  assert.deepEqual(prepared?.object, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'web',
      namespace: 'shop',
      labels: {
        app: 'web',
        'app.kubernetes.io/managed-by': 'Helm',
        'flotilla.dev/delivery': delivery.metadata.uid,
        'flotilla.dev/application': 'shop',
        'flotilla.dev/component': 'web',
      },
      annotations: ofRelease('release'),
    },
    spec: { template },
  })
})

describe('a RoleBinding of a chart', () => {
  const binding = (...names: string[]): KubeObject => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'readers', namespace: 'shop' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: names.map((name) => ({ kind: 'User', name })),
  })
  const refusals = (object: KubeObject, scope: 'Namespaced' | 'Cluster' = 'Namespaced') => {
    const delivery = sampleDelivery(desiredOf({ web: 'one' }), { project: { name: 'shop', uid: 'u', scope } })
    return computeRefusals(delivery, [sampleSet('web', [object])]).map(({ message }) => message)
  }

  test('gives no rights to people of Flotilla, nor to everybody: those would outlive a Membership', () => {
    for (const name of [
      'flotilla:user:7',
      'flotilla:project:1:viewer',
      'system:authenticated',
      'system:serviceaccounts',
    ])
      assert.deepEqual(refusals(binding('web', name)), [`RoleBinding shop/readers gives rights to ${name}`])
  })

  test('may bind workloads, and anybody in a project that the platform trusts', () => {
    assert.deepEqual(refusals(binding('web', 'system:serviceaccounts:shop', 'alice@example.com')), [])
    assert.deepEqual(refusals({ ...binding(), subjects: 'odd' }), [])
    assert.deepEqual(refusals(binding('system:authenticated'), 'Cluster'), [])
  })
})
