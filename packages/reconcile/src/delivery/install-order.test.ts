import assert from 'node:assert/strict'
import { test } from 'node:test'
import { computeWaves, sortForRemoval } from './install-order.ts'

const one = (kind: string, fromCrdFolder = false) => ({
  ref: { group: '', version: 'v1', kind, namespace: '', name: kind.toLowerCase() },
  fromCrdFolder,
})
const kinds = (objects: readonly { readonly ref: { readonly kind: string } }[]): string[] =>
  objects.map(({ ref }) => ref.kind)

test('definitions come first, then namespaces, then each kind in its turn, unknown kinds last', () => {
  const waves = computeWaves(
    ['Widget', 'Deployment', 'Service', 'ConfigMap', 'Namespace', 'CustomResourceDefinition', 'ConfigMap'].map((kind) =>
      one(kind),
    ),
  )
  assert.deepEqual(waves.map(kinds), [
    ['CustomResourceDefinition'],
    ['Namespace'],
    ['ConfigMap', 'ConfigMap'],
    ['Service'],
    ['Deployment'],
    ['Widget'],
  ])
})

test('what others need is removed last', () => {
  assert.deepEqual(kinds(sortForRemoval(['Namespace', 'Secret', 'Deployment', 'Widget'].map((kind) => one(kind)))), [
    'Widget',
    'Deployment',
    'Secret',
    'Namespace',
  ])
})
