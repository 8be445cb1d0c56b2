import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RoleRow } from '@flotilla/api'
import { deedOf, grantGroups } from './grant-groups.ts'
import { emptyRole, patchRole, readRole, readRules } from './role-form.ts'

const rules = [{ apiGroups: ['example.com'], resources: ['things'], verbs: ['get'] }]
const row: RoleRow = {
  name: 'releaser',
  builtIn: false,
  displayName: 'Release engineer',
  grants: ['pods.logs', 'applications.release'],
  givesRoles: false,
  rules,
  givenTo: [],
  givenCount: 0,
  state: 'Ready',
  clusters: [],
}

test('a role is written as it was read, and what the form does not know stays', () => {
  assert.deepEqual(patchRole({ later: 1, description: 'old' }, readRole(row)), {
    later: 1,
    displayName: 'Release engineer',
    grants: ['applications.release', 'pods.logs'],
    rules,
  })
  assert.deepEqual(patchRole({}, emptyRole), { grants: [], rules: [] })
})

test('rules are a list in YAML, or none', () => {
  assert.deepEqual(readRules('  '), [])
  assert.equal(readRules('apiGroups: []'), undefined)
  assert.equal(readRules('- ['), undefined)
})

test('grants stand together by what they are about', () => {
  const groups = grantGroups(['pods.see', 'secrets.see', 'pods.logs'])
  assert.deepEqual(groups, [
    { about: 'pods', grants: ['pods.see', 'pods.logs'] },
    { about: 'secrets', grants: ['secrets.see'] },
  ])
  assert.equal(deedOf('pods.logs'), 'logs')
})
