import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FlotillaError } from '@flotilla/model'
import { asFailure } from './dry-run-objects.ts'

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
