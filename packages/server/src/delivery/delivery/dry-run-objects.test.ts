import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FlotillaError } from '@flotilla/model'
import type { Inventory } from '@flotilla/reconcile'
import type { Workbench } from './deps.ts'
import { asFailure, ownershipContext } from './dry-run-objects.ts'

test('a binding that gives too much is refused with what it gives and what to do', () => {
  const ref = {
    group: 'rbac.authorization.k8s.io',
    version: 'v1',
    kind: 'RoleBinding',
    namespace: 'shop',
    name: 'root',
  }
  const rules = Array.from({ length: 5 }, (_, at) => `{APIGroups:["g${at}"], Resources:["*"], Verbs:["*"]}`)
  const message = `Cluster east: rolebindings.rbac.authorization.k8s.io "root" is forbidden: user "flotilla:delivery:u" (groups=["a"]) is attempting to grant RBAC permissions not currently held:\n${rules.join('\n')}`
  const failure = asFailure({ ref }, new FlotillaError('kube.forbidden', { message }))
  assert.equal(failure.code, 'delivery.object_refused')
  assert.match(
    failure.message,
    /^RoleBinding shop\/root would give more rights than this project has in shop: \{APIGroups:\["g0"\]/,
  )
  assert.match(failure.message, /g2.* and 2 more$/)
  assert.doesNotMatch(failure.message, /flotilla:delivery|g3/)
  assert.match(failure.remedy ?? '', /scope: Cluster/)
})

test('what exists may be taken over until the component was applied once', () => {
  const metadata = { name: 'a' }
  const application = { metadata: { ...metadata, annotations: { 'flotilla.dev/adopt': 'west,east' } } }
  const bench = (cluster: string) =>
    // only what is asked for here
    ({
      delivery: {
        metadata: { name: 'web.east', namespace: 'pj-shop', uid: 'd' },
        spec: { application: { name: 'web' }, target: { cluster, namespace: 'shop' } },
      },
      deps: { state: { applications: { get: () => application } } },
    }) as unknown as Pick<Workbench, 'delivery' | 'deps'>
  const entry = { ref: { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'a' }, component: 'old' }
  const inventory = (components: Inventory['components']): Inventory => ({
    deliveryUid: 'd',
    epoch: 1,
    attempt: '1',
    components,
    entries: [entry],
  })
  const adopt = (component: string, seen: Inventory | undefined, cluster = 'east') => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata }
    return ownershipContext(bench(cluster), { component, object }, seen).adopt
  }
  assert.equal(adopt('old', undefined), true)
  assert.equal(adopt('old', inventory({})), true, 'a first try that failed may be repeated')
  assert.equal(adopt('old', inventory({ old: { digest: 'x' } })), false)
  assert.equal(adopt('new', inventory({ old: { digest: 'x' } })), true)
  assert.equal(adopt('old', undefined, 'north'), false)
})
