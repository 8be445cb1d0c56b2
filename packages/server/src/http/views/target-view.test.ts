import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Delivery } from '@flotilla/model'
import { cellsOf } from './target-view.ts'

const digest = `sha256:${'ab'.repeat(32)}`

function versionOf(component: { version?: string; images?: string[] }): string | undefined {
  const delivery = {
    apiVersion: 'flotilla.dev/v1alpha1',
    kind: 'Delivery',
    metadata: { name: 'shop.east', namespace: 'pj-shop' },
    spec: { target: { cluster: 'east', namespace: 'shop' } },
    status: { components: [{ name: 'worker', health: 'Healthy', ...component }] },
  } as unknown as Delivery
  return cellsOf(delivery, undefined)[0]?.version
}

describe('the version in a cell of the matrix', () => {
  test('is that of the source, where it has one', () => {
    assert.equal(versionOf({ version: '1.4.3', images: ['web:9.9'] }), '1.4.3')
  })
  test('of a source that has only a digest it is the tag that all images share', () => {
    assert.equal(versionOf({ version: digest, images: ['docker.io/shop/worker:1.0.0'] }), '1.0.0')
    assert.equal(versionOf({ version: digest, images: ['r:5000/a:2', 'r:5000/b:2@sha256:aa'] }), '2')
  })
  test('else it is the beginning of the digest', () => {
    for (const images of [[], ['a:1', 'b:2'], ['r:5000/a'], ['a@sha256:abcd']])
      assert.equal(versionOf({ version: digest, images }), 'abababababab', images.join())
  })
})
