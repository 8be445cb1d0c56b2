import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { StoredSet } from '../rendered-set.ts'
import { differsByLot, unstableFields } from './unstable-fields.ts'

function setOf(
  password: string,
  { image = 'web:1', name = 'web', extra = [] as StoredSet['objects'] } = {},
): StoredSet {
  const metadata = { name: 'web', namespace: 'shop' }
  return {
    component: 'web',
    crds: [],
    objects: [
      { apiVersion: 'v1', kind: 'Secret', metadata: { ...metadata, name }, data: { 'tls.crt': password, user: 'u' } },
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata,
        spec: {
          template: { metadata: { annotations: { 'checksum/secret': password } }, spec: { containers: [{ image }] } },
        },
      },
      ...extra,
    ],
    hooks: [],
    notes: password,
  }
}

const drawn = unstableFields([
  { code: 'render.unstable', message: '', object: 'Secret web', path: 'data["tls.crt"]', paths: ['data["tls.crt"]'] },
  {
    code: 'render.unstable',
    message: '',
    object: 'Deployment shop/web',
    path: 'spec.template.metadata.annotations["checksum/secret"]',
  },
])

describe('a chart that draws lots', () => {
  test('differs by lot alone when only what it draws is different', () => {
    assert.ok(differsByLot(setOf('a'), setOf('b'), drawn))
  })
  test('differs otherwise when another field changed, or an object came', () => {
    assert.ok(!differsByLot(setOf('a'), setOf('b', { image: 'web:2' }), drawn))
    const more = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'new', namespace: 'shop' } }
    assert.ok(!differsByLot(setOf('a'), setOf('b', { extra: [more] }), drawn))
    assert.ok(!differsByLot(setOf('a', { extra: [more] }), setOf('b'), drawn))
  })
  test('is no excuse for a chart without lots', () => {
    assert.ok(!differsByLot(setOf('a'), setOf('b'), []))
  })
  test('may draw the names of objects, too', () => {
    const named = [...drawn, { object: 'Secret web-2', paths: ['metadata.name'] }]
    assert.ok(differsByLot(setOf('a', { name: 'web-1' }), setOf('a', { name: 'web-2' }), named))
    assert.ok(!differsByLot(setOf('a', { name: 'web-1' }), setOf('a', { name: 'web-2' }), drawn))
  })
})
