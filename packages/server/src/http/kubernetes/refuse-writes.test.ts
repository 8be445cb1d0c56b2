import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asFlotillaError } from '@flotilla/model'
import { refuseWrites } from './refuse-writes.ts'

const base = '/k8s/clusters/east'
const cases: readonly [verdict: 'passes' | 'refused', method: string, path: string, upgrade?: string][] = [
  ['passes', 'GET', '/api/v1/namespaces/shop/pods'],
  ['passes', 'HEAD', '/api/v1/namespaces/shop/pods/web'],
  ['passes', 'GET', '/api/v1/namespaces/shop/pods/web/log?follow=true'],
  ['passes', 'GET', '/api/v1/pods?watch=true'],
  ['passes', 'POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'],
  ['refused', 'POST', '/api/v1/namespaces/shop/pods'],
  ['refused', 'DELETE', '/api/v1/namespaces/shop/pods/web'],
  ['refused', 'PATCH', '/api/v1/namespaces/shop/pods/web'],
  ['refused', 'GET', '/api/v1/namespaces/shop/pods/web/exec?command=sh'],
  ['refused', 'GET', '/api/v1/namespaces/shop/pods/web/%65xec?command=sh'],
  ['refused', 'GET', '/api/v1/namespaces/shop/services/web/proxy/admin'],
  ['refused', 'GET', '/api/v1/nodes/n1//proxy/run'],
  ['refused', 'GET', '/api/v1/namespaces/shop/pods/x/../web/log'],
  ['refused', 'GET', '/api/v1/namespaces/shop/pods/%E0%A4%A'],
  ['refused', 'GET', '/api/v1/namespaces/shop/pods/web/log', 'websocket'],
  ['refused', 'POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews/x'],
  ['refused', 'POST', '/api/v1/namespaces/shop/pods/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'],
  ['refused', 'GET', '/api/v1/namespaces/shop/pods%2Fweb%2Fexec?command=sh'],
  ['refused', 'GET', '/api/v1/namespaces/shop/pods%2Fweb/portforward'],
  ['refused', 'GET', '/api/v1/namespaces/shop/pods/web/attach?x=/log'],
  ['refused', 'get', '/api/v1/namespaces/shop/pods'],
  ['refused', 'OPTIONS', '/api/v1/namespaces/shop/pods'],
  ['refused', 'GET', '/api/v1/pods', 'h2c'],
  ['refused', 'GET', '/api/v1/pods', ''],
  ['passes', 'GET', '/api/v1/namespaces/shop/configmaps/proxy'],
  ['passes', 'GET', '/api/v1/namespaces/proxy'],
  ['passes', 'GET', '/api/v1/namespaces/proxy/pods?labelSelector=app%3Dexec'],
  ['passes', 'GET', '/api/v1/namespaces/exec/pods/attach/log'],
  ['passes', 'GET', '/apis/apps/v1/namespaces/shop/deployments/proxy/scale'],
  ['passes', 'GET', '/api/v1/watch/namespaces/proxy/pods'],
  ['refused', 'GET', '/api/v1/namespaces/exec/pods/exec/exec'],
  ['refused', 'GET', '/api/v1/proxy/namespaces/shop/services/web'],
  ['refused', 'GET', '/api/v1/pr%6Fxy/nodes/n1/run'],
  ['refused', 'GET', '/api%2Fv1%2Fnamespaces%2Fshop%2Fservices%2Fweb%2Fproxy'],
  ['refused', 'GET', '//api/v1//namespaces/shop/services/web/proxy/'],
  ['refused', 'GET', '/api/v1/namespaces/shop/services/proxy/proxy/x?y'],
  ['refused', 'GET', '/apis/subresources.kubevirt.io/v1/namespaces/a/virtualmachineinstances/b/portforward/22'],
  ['refused', 'GET', '/proxy/of/no/resource'],
]

test('a token that only reads reaches a cluster that is called proxy', () => {
  refuseWrites({ method: 'GET', url: '/k8s/clusters/proxy/api/v1/pods', headers: {} })
})

for (const [verdict, method, path, upgrade] of cases) {
  test(`a token that only reads: ${method} ${path}${upgrade === undefined ? '' : ' upgraded'} ${verdict === 'passes' ? 'passes' : 'is refused'}`, () => {
    const ask = () => refuseWrites({ method, url: `${base}${path}`, headers: upgrade === undefined ? {} : { upgrade } })
    if (verdict === 'passes') ask()
    else assert.throws(ask, (thrown: unknown) => asFlotillaError(thrown).code === 'auth.forbidden')
  })
}
