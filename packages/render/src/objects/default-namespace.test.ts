import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import type { KubeObject } from '@flotilla/model'
import { defaultNamespace, type ScopeOf, scopesOfDefinitions } from './default-namespace.ts'

const scopes: Record<string, 'Namespaced' | 'Cluster'> = { Deployment: 'Namespaced', ClusterRole: 'Cluster' }
const scopeOf: ScopeOf = (_group, kind) => scopes[kind]

describe('namespaces of a release', () => {
  const object = fc.record(
    {
      apiVersion: fc.constantFrom('v1', 'apps/v1'),
      kind: fc.constantFrom('Deployment', 'ClusterRole', 'Mystery'),
      metadata: fc.record(
        { name: fc.constantFrom('a', 'b'), namespace: fc.constantFrom('', 'own') },
        { requiredKeys: ['name'], noNullPrototype: true },
      ),
    },
    { noNullPrototype: true },
  )

  test('are filled in where missing, kept where given, taken off where there are none', () => {
    fc.assert(
      fc.property(fc.array(object), (objects) => {
        const before = structuredClone(objects)
        const result = defaultNamespace<KubeObject>(objects, 'shop', scopeOf)
        assert.deepEqual(objects, before)
        for (const [index, { kind, metadata }] of result.objects.entries()) {
          const given = objects[index]?.metadata.namespace
          if (kind === 'Deployment') assert.equal(metadata.namespace, given === 'own' ? 'own' : 'shop')
          if (kind === 'ClusterRole') assert.equal(metadata.namespace, undefined)
          if (kind === 'Mystery') assert.equal(metadata.namespace, given)
        }
        assert.equal(result.unknown.length, objects.filter(({ kind }) => kind === 'Mystery').length)
        assert.deepEqual(defaultNamespace(result.objects, 'shop', scopeOf).objects, result.objects)
      }),
    )
  })

  test('of kinds that the set itself defines are known before the API server knows them', () => {
    const definition = (kind: string, scope: string): KubeObject => ({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: kind },
      spec: { group: 'example.test', scope, names: { kind } },
    })
    const found = scopesOfDefinitions([
      definition('Lamp', 'Namespaced'),
      definition('Bulb', 'Cluster'),
      { apiVersion: 'v1', kind: 'X', metadata: { name: 'x' } },
    ])
    assert.equal(found('example.test', 'Lamp'), 'Namespaced')
    assert.equal(found('example.test', 'Bulb'), 'Cluster')
    assert.equal(found('other.test', 'Lamp'), undefined)
  })
})
