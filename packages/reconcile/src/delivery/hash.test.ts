import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type KubeObject, canonicalJson } from '@flotilla/model'
import * as fc from 'fast-check'
import { contentHash } from './hash.ts'
import { isAtLeast } from './live-sight.ts'

const key = new Uint8Array(32)
const object: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' }, annotations: { team: 'x' } },
  spec: { replicas: 2, template: { spec: {} } },
}
const withMeta = (meta: object): KubeObject => ({ ...object, metadata: { ...object.metadata, ...meta } })

describe('the content hash', () => {
  test('does not see what the API server and controllers write', () => {
    const seen = withMeta({
      uid: 'u',
      resourceVersion: '7',
      generation: 3,
      creationTimestamp: 'now',
      managedFields: [{}],
      annotations: { team: 'x', 'deployment.kubernetes.io/revision': '4' },
    })
    assert.equal(contentHash({ ...seen, status: { replicas: 2 } }, key), contentHash(object, key))
  })

  test('sees labels, annotations and spec', () => {
    const others = [
      withMeta({ labels: { app: 'other' } }),
      withMeta({ annotations: { team: 'y' } }),
      { ...object, spec: { replicas: 3, template: { spec: {} } } },
    ]
    assert.equal(new Set([object, ...others].map((one) => contentHash(one, key))).size, 4)
  })

  test('leaves replicas out where an autoscaler has them', () => {
    const scaled = { ...object, spec: { replicas: 9, template: { spec: {} } } }
    const without = { withoutReplicas: true }
    assert.equal(contentHash(scaled, key, without), contentHash(object, key, without))
    assert.notEqual(contentHash(object, key, without), contentHash(object, key))
  })

  test('does not depend on the order in which fields were written', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).toReversed())
        assert.equal(canonicalJson(turned), canonicalJson(value))
      }),
    )
  })
})

test('resource versions are compared as numbers, however long', () => {
  assert.equal(isAtLeast('10', '9'), true)
  assert.equal(isAtLeast('9', '10'), false)
  assert.equal(isAtLeast('123456789012345678901', '123456789012345678900'), true)
  assert.equal(isAtLeast('x', 'y'), false)
})
