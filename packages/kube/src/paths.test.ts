import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { FlotillaError } from '@flotilla/model'
import { checkRequestPath, objectPath, queryString } from './paths.ts'

const deployment = { group: 'apps', version: 'v1', kind: 'Deployment', resource: 'deployments', namespaced: true }
const node = { group: '', version: 'v1', kind: 'Node', resource: 'nodes', namespaced: false }

const code = (act: () => unknown): string => {
  try {
    act()
  } catch (thrown) {
    assert.ok(thrown instanceof FlotillaError, String(thrown))
    return thrown.code
  }
  return 'accepted'
}

describe('paths of objects', () => {
  test('address objects, collections and subresources', () => {
    assert.equal(
      objectPath(deployment, { namespace: 'shop', name: 'web', subresource: 'scale' }),
      '/apis/apps/v1/namespaces/shop/deployments/web/scale',
    )
    assert.equal(objectPath(deployment, {}), '/apis/apps/v1/deployments')
    assert.equal(objectPath(deployment, { namespace: 'shop' }), '/apis/apps/v1/namespaces/shop/deployments')
    assert.equal(objectPath(node, { name: 'n1', namespace: 'ignored' }), '/api/v1/nodes/n1')
  })

  test('keep the odd names that Kubernetes allows, encoded', () => {
    const role = { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRole', resource: 'clusterroles' }
    assert.equal(
      objectPath({ ...role, namespaced: false }, { name: 'system:node' }),
      '/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode',
    )
  })

  test('refuse names that lead elsewhere', () => {
    for (const name of ['', '.', '..', 'a/b', '../x', 'a%2fb', 'a?b', 'a#b', 'a\\b', 'a\nb', 'a b', 'x'.repeat(254)]) {
      assert.equal(
        code(() => objectPath(deployment, { namespace: 'shop', name })),
        'input.invalid',
        name,
      )
    }
    for (const namespace of ['..', 'a/b', 'UP', '-a', 'a.b', 'x'.repeat(64)]) {
      assert.equal(
        code(() => objectPath(deployment, { namespace, name: 'web' })),
        'input.invalid',
        namespace,
      )
    }
    assert.equal(
      code(() => objectPath(deployment, { name: 'web' })),
      'input.invalid',
    )
  })

  test('whatever the names, an accepted path stays where it belongs', () => {
    const anything = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('.', '/', '%', '2', 'e', 'a', '\\') }))
    fc.assert(
      fc.property(anything, anything, fc.option(anything, { nil: undefined }), (namespace, name, subresource) => {
        let path: string
        try {
          path = objectPath(deployment, { namespace, name, subresource })
        } catch (thrown) {
          assert.ok(thrown instanceof FlotillaError)
          return
        }
        const url = new URL(path, 'https://cluster')
        assert.equal(url.pathname, path)
        const [, apis, group, version, namespaces, ns, resource, encoded, sub, ...more] = path.split('/')
        assert.deepEqual(
          [apis, group, version, namespaces, resource],
          ['apis', 'apps', 'v1', 'namespaces', 'deployments'],
        )
        assert.equal(ns, namespace)
        assert.equal(decodeURIComponent(encoded ?? ''), name)
        assert.equal(sub, subresource)
        assert.deepEqual(more, [])
      }),
      { numRuns: 2000 },
    )
  })
})

describe('paths of requests', () => {
  test('are refused when they could mean another path', () => {
    const climbing = [
      '/api/v1/../v1',
      '/api/%2e%2e/x',
      '/api/.%2E/x',
      '/a/%2f../b',
      '//host/x',
      'api',
      '/a b',
      '/a\r\nX: y',
    ]
    for (const path of [...climbing, '/a\\..\\b', '/a#b', '/a/%2F..%2Fb', '/ä']) {
      assert.equal(
        code(() => checkRequestPath(path)),
        'address.refused',
        path,
      )
    }
  })

  test('pass with their query untouched', () => {
    const path = '/api/v1/namespaces/a/pods/b/exec?command=ls&command=..&stdout=true'
    assert.equal(checkRequestPath(path), path)
  })
})

test('a query leaves undefined out and repeats lists', () => {
  assert.equal(queryString({ a: 1, b: undefined, c: ['x', 'y z'], d: false }), '?a=1&c=x&c=y+z&d=false')
  assert.equal(queryString({}), '')
})
