import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { auditTimeOfKube, detailsOfKube, type KubeAuditTime, parseKubeRequest } from './kube-request.ts'

/** verb group resource/subresource namespace name */
const cases: readonly (readonly [string, string, string, KubeAuditTime])[] = [
  ['GET', '/api/v1/namespaces/shop/pods', 'list  pods shop', 'never'],
  ['GET', '/api/v1/namespaces/shop/pods?watch=1', 'watch  pods shop', 'never'],
  ['GET', '/api/v1/pods/x/log', 'get  pods/log  x', 'never'],
  ['GET', '/version', '', 'never'],
  ['GET', '/apis/apps/v1', '', 'never'],
  ['POST', '/api/v1/namespaces/shop/configmaps', 'create  configmaps shop', 'after'],
  ['PUT', '/apis/apps/v1/namespaces/shop/deployments/web', 'update apps deployments shop web', 'after'],
  [
    'PATCH',
    '/apis/apps/v1/namespaces/shop/deployments/web/scale?fieldManager=x',
    'patch apps deployments/scale shop web',
    'after',
  ],
  ['DELETE', '/api/v1/namespaces/shop/pods/web-0', 'delete  pods shop web-0', 'before'],
  ['DELETE', '/api/v1/namespaces/shop/pods', 'deletecollection  pods shop', 'before'],
  ['POST', '/api/v1/namespaces/shop/pods/web-0/eviction', 'create  pods/eviction shop web-0', 'before'],
  ['GET', '/api/v1/namespaces/shop/pods/web-0/exec?command=ls', 'get  pods/exec shop web-0', 'around'],
  ['POST', '/api/v1/namespaces/shop/pods/web-0/portforward', 'create  pods/portforward shop web-0', 'around'],
  ['GET', '/api/v1/namespaces/shop/services/web:80/proxy/a/b', 'get  services/proxy shop web:80', 'around'],
  ['GET', '/api/v1/proxy/namespaces/shop/services/web', 'get  services/proxy shop web', 'around'],
  ['GET', '/api/v1/namespaces/shop/secrets/db', 'get  secrets shop db', 'after'],
  ['GET', '/api/v1/secrets', 'list  secrets', 'after'],
  ['GET', '/api/v1/watch/namespaces/shop/secrets', 'watch  secrets shop', 'around'],
  [
    'POST',
    '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
    'create rbac.authorization.k8s.io clusterrolebindings',
    'before',
  ],
  [
    'POST',
    '/apis/flotilla.dev/v1alpha1/namespaces/ws-retail/memberships',
    'create flotilla.dev memberships ws-retail',
    'before',
  ],
  [
    'POST',
    '/apis/flotilla.dev/v1alpha1/namespaces/pj-shop/applications',
    'create flotilla.dev applications pj-shop',
    'after',
  ],
  ['POST', '/api/v1/namespaces/shop/serviceaccounts/robot/token', 'create  serviceaccounts/token shop robot', 'before'],
  [
    'POST',
    '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    'create authorization.k8s.io selfsubjectaccessreviews',
    'never',
  ],
  ['DELETE', '/api/v1/namespaces/shop', 'delete  namespaces shop shop', 'before'],
  ['PUT', '/api/v1/namespaces/shop/finalize', 'update  namespaces/finalize shop shop', 'after'],
  ['POST', '/api/v1//namespaces/shop//pods/web-0/ex%65c', 'create  pods/exec shop web-0', 'around'],
  // an API server divides a path after it was decoded
  ['GET', '/api/v1/namespaces/shop/pods%2Fweb-0%2Fexec?command=ls', 'get  pods/exec shop web-0', 'around'],
  ['GET', '/api/v1/namespaces%2fshop%2fsecrets/db', 'get  secrets shop db', 'after'],
  ['GET', '/api/v1/namespaces/shop/services/web/pr%6fxy/%ff%zz', 'get  services/proxy shop web', 'around'],
  ['GET', '/api%2Fv1%2Fsecrets?watch=true', 'watch  secrets', 'around'],
  ['GET', '/api/v1/namespaces/shop/secrets%3Fa/b', 'get  secrets?a shop b', 'never'],
  [
    'POST',
    '/apis%2Frbac.authorization.k8s.io%2Fv1%2Fclusterrolebindings',
    'create rbac.authorization.k8s.io clusterrolebindings',
    'before',
  ],
  [
    'PUT',
    '/apis/flotilla.dev/v1alpha1/identityproviders/corp',
    'update flotilla.dev identityproviders  corp',
    'before',
  ],
  ['POST', '/logs', '', 'after'],
]

describe('a request to an API server', () => {
  for (const [method, path, expected, time] of cases)
    test(`${method} ${path}`, () => {
      const request = parseKubeRequest(method, path)
      const said =
        request === undefined
          ? ''
          : `${request.verb} ${request.group} ${request.resource}${request.subresource === undefined ? '' : `/${request.subresource}`} ${request.namespace ?? ''} ${request.name ?? ''}`.trimEnd()
      assert.equal(said, expected)
      assert.equal(auditTimeOfKube(method, request), time)
    })

  for (const [path, time] of [
    ['/apis/subresources.kubevirt.io/v1/namespaces/a/virtualmachineinstances/b/console', 'around'],
    ['/apis/subresources.kubevirt.io/v1/namespaces/a/virtualmachineinstances/b/vnc', 'around'],
    ['/healthz', 'around'],
    ['/api/v1/namespaces/a/pods?watch=1', 'never'],
    ['/api/v1/namespaces/a/pods/b/log?follow=true', 'never'],
    ['/api/v1/namespaces/a/pods/b/exec', 'around'],
  ] as const)
    test(`that leads to a connection of its own is ${time}: ${path}`, () => {
      assert.equal(auditTimeOfKube('GET', parseKubeRequest('GET', path), { upgrades: true }), time)
    })

  test('says the command of an exec, without what looks like a secret', () => {
    const request = parseKubeRequest(
      'GET',
      '/api/v1/namespaces/a/pods/b/exec?container=c&command=mysql&command=--password=hunter2&command=--token&command=hunter2&command=-u&stdin=true',
    )
    assert.ok(request !== undefined)
    assert.deepEqual(detailsOfKube(request), {
      command: 'mysql --password=(secret) --token (secret) -u',
      container: 'c',
    })
  })
})
