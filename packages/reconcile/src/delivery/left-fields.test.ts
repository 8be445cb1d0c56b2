import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeObject, ManagedFields } from '@flotilla/model'
import * as fc from 'fast-check'
import { readField } from '../health/read-field.ts'
import {
  computeLeftFields,
  computeTakeover,
  dropFields,
  isScaledByOther,
  wasAutoscaled,
  withoutGoneAutoscaler,
} from './left-fields.ts'

const desired: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' }, annotations: { note: 'x', other: 'y' } },
  spec: {
    replicas: 2,
    template: {
      spec: {
        containers: [
          { name: 'web', image: 'web:1', resources: { limits: { memory: '64Mi', cpu: '1' } } },
          { name: 'sidecar', image: 'side:1' },
        ],
      },
    },
  },
}
const managed = (...managedFields: ManagedFields[]): KubeObject => ({
  ...desired,
  metadata: { ...desired.metadata, managedFields },
})
const scaled = (manager: string, subresource = 'scale'): ManagedFields => ({
  manager,
  operation: 'Update',
  subresource,
  fieldsV1: { 'f:spec': { 'f:replicas': {} } },
})

describe('replicas', () => {
  const cases: [string, ManagedFields, boolean][] = [
    ['of an autoscaler are left to it', scaled('kube-controller-manager'), true],
    ['that a person set with kubectl scale are not', scaled('kubectl'), false],
    ['that somebody wrote past the scale subresource are not', scaled('meddler', ''), false],
    ['that we set ourselves are not', scaled('flotilla'), false],
  ]
  for (const [name, entry, left] of cases) {
    test(name, () => {
      const live = managed(entry)
      assert.equal(isScaledByOther(live), left)
      const kept = dropFields(desired, computeLeftFields(live, []))
      assert.equal(readField(kept, 'spec', 'replicas'), left ? undefined : 2)
    })
  }
})

describe('replicas that a HorizontalPodAutoscaler set', () => {
  const autoscaler = (target: object, more: object = {}): KubeObject => ({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'h', namespace: 'shop', ...more },
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', ...target } },
  })
  const live = managed(scaled('kube-controller-manager'), scaled('keda'))
  const cases: [string, KubeObject[], boolean][] = [
    ['are left to it while it is there', [autoscaler({})], true],
    ['are ours again when it is gone', [], false],
    ['are ours again when it is going', [autoscaler({}, { deletionTimestamp: '2026-01-01T00:00:00Z' })], false],
    [
      'are ours where the autoscalers are of others',
      [autoscaler({ name: 'api' }), autoscaler({ kind: 'StatefulSet' })],
      false,
    ],
    ['are left where the autoscaler names no version', [autoscaler({ apiVersion: undefined })], true],
  ]
  for (const [name, autoscalers, left] of cases) {
    test(name, () => {
      assert.equal(wasAutoscaled(live), true)
      const seen = withoutGoneAutoscaler(live, autoscalers)
      assert.equal(wasAutoscaled(seen), left)
      assert.equal(isScaledByOther(seen), true, 'another autoscaler says itself when it lets go')
      const only = withoutGoneAutoscaler(managed(scaled('kube-controller-manager')), autoscalers)
      assert.equal(isScaledByOther(only), left)
    })
  }
})

test('what listed managers own is left to them, down to items of lists, and nothing else', () => {
  const live = managed({
    manager: 'tuner',
    operation: 'Apply',
    fieldsV1: {
      'f:metadata': { 'f:annotations': { 'f:note': {} }, 'f:labels': { 'f:app': {} } },
      'f:spec': {
        'f:template': {
          'f:spec': {
            'f:containers': {
              'k:{"name":"web"}': { 'f:resources': { 'f:limits': { 'f:memory': {} } } },
              'k:{"name":"sidecar"}': { '.': {}, 'f:name': {}, 'f:image': {} },
            },
          },
        },
      },
    },
  })
  assert.deepEqual(computeLeftFields(live, ['somebody else']), [])
  assert.deepEqual(dropFields(desired, computeLeftFields(live, ['tuner'])), {
    ...desired,
    metadata: { ...desired.metadata, annotations: { other: 'y' } },
    spec: {
      replicas: 2,
      template: { spec: { containers: [{ name: 'web', image: 'web:1', resources: { limits: { cpu: '1' } } }] } },
    },
  })
})

test('fields of helm and kubectl become ours, those of controllers stay theirs', () => {
  const ours = { manager: 'flotilla', operation: 'Apply', fieldsV1: { 'f:data': { 'f:a': {} } } }
  const helm = {
    manager: 'helm',
    operation: 'Update',
    fieldsV1: { 'f:data': { 'f:b': {} }, 'f:metadata': { 'f:labels': {} } },
  }
  const controller = { manager: 'kube-controller-manager', operation: 'Update', fieldsV1: { 'f:status': {} } }
  const scaler = { manager: 'kubectl', operation: 'Update', subresource: 'scale', fieldsV1: { 'f:spec': {} } }
  assert.equal(computeTakeover([ours, controller, scaler], 'v1'), undefined)
  assert.deepEqual(computeTakeover([ours, helm, controller, scaler], 'v1'), [
    controller,
    scaler,
    {
      manager: 'flotilla',
      operation: 'Apply',
      apiVersion: 'v1',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:data': { 'f:a': {}, 'f:b': {} }, 'f:metadata': { 'f:labels': {} } },
    },
  ])
})

test('whatever the tree says, the object keeps its name and is never changed in place', () => {
  const step = fc.oneof(
    fc.constantFrom('f:spec', 'f:metadata', 'f:name', 'f:template', 'k:{"name":"web"}', 'k:x', 'v:1', '.'),
    fc.string(),
  )
  const { tree } = fc.letrec((tie) => ({
    tree: fc.dictionary(step, fc.oneof({ maxDepth: 6 }, fc.constant({}), tie('tree'))),
  }))
  const before = JSON.stringify(desired)
  fc.assert(
    fc.property(tree, (fields) => {
      const { metadata, kind } = dropFields(desired, [fields])
      assert.deepEqual(
        [kind, metadata.name, metadata.namespace, metadata.labels],
        ['Deployment', 'web', 'shop', { app: 'web' }],
      )
      assert.equal(JSON.stringify(desired), before)
    }),
  )
})
