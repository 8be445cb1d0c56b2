import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deliveryRules } from './delivery-rules.ts'

const rbac = 'rbac.authorization.k8s.io'
const rules = deliveryRules(['apps', 'networking.k8s.io', rbac])

/** As the API server reads rules. */
const allows = (verb: string, group: string, resource: string, name?: string): boolean =>
  rules.some(
    (rule) =>
      (rule.verbs.includes('*') || rule.verbs.includes(verb)) &&
      (rule.apiGroups.includes('*') || rule.apiGroups.includes(group)) &&
      (rule.resources.includes('*') || rule.resources.includes(resource)) &&
      (rule.resourceNames === undefined || (name !== undefined && rule.resourceNames.includes(name))),
  )

test('a chart cannot give itself more than it has', () => {
  for (const resource of ['roles', 'clusterroles']) {
    assert.equal(allows('escalate', rbac, resource), false, resource)
    assert.equal(allows('bind', rbac, resource), false, resource)
    assert.equal(allows('bind', rbac, resource, 'cluster-admin'), false, resource)
  }
  assert.equal(allows('impersonate', '', 'serviceaccounts'), false)
})

test('the namespace and its limits are read, never written', () => {
  for (const resource of ['namespaces', 'namespaces/status', 'namespaces/finalize', 'resourcequotas', 'limitranges']) {
    for (const verb of ['create', 'update', 'patch', 'delete', 'deletecollection']) {
      assert.equal(allows(verb, '', resource), false, `${verb} ${resource}`)
    }
  }
  assert.ok(allows('get', '', 'namespaces') && allows('watch', '', 'resourcequotas'))
})

test('what charts bring may be written, and given on by their Roles', () => {
  const core = ['configmaps', 'secrets', 'services', 'serviceaccounts', 'pods', 'persistentvolumeclaims']
  for (const resource of core) assert.ok(allows('patch', '', resource), resource)
  assert.ok(allows('patch', rbac, 'roles') && allows('delete', rbac, 'rolebindings'))
  assert.ok(allows('create', '', 'pods/exec') && allows('create', '', 'serviceaccounts/token'))
  assert.ok(allows('*', 'apps', 'deployments'))
  for (const name of ['admin', 'edit', 'view']) assert.ok(allows('bind', rbac, 'clusterroles', name), name)
})

test('their Roles may name groups that the cluster does not serve, which gives no more than once it serves them', () => {
  for (const group of ['extensions', 'monitoring.coreos.com', 'cert-manager.io', 'gateway.networking.k8s.io'])
    assert.ok(allows('*', group, 'anything'), group)
  const served = deliveryRules(['apps', 'networking.k8s.io', 'monitoring.coreos.com', rbac])
  assert.deepEqual(served, rules)
})
