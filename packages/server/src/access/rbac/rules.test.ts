import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RbacState } from './rbac-view.ts'
import { type Asked, bindingOf, type Rule, ruleAllows, rulesOf } from './rules.ts'

const rule = (more: Partial<Rule>): Rule => ({ verbs: ['get'], groups: [''], resources: ['pods'], names: [], ...more })
const asked = (more: Partial<Asked> = {}): Asked => ({ verb: 'get', group: '', resource: 'pods', ...more })

const cases: [string, Rule, Asked, boolean][] = [
  ['the same', rule({}), asked(), true],
  ['another verb', rule({}), asked({ verb: 'list' }), false],
  ['another group', rule({}), asked({ group: 'apps' }), false],
  ['a subresource of what is allowed', rule({}), asked({ resource: 'pods/log' }), false],
  ['a subresource that is named', rule({ resources: ['pods/log'] }), asked({ resource: 'pods/log' }), true],
  ['what has that subresource', rule({ resources: ['pods/log'] }), asked(), false],
  ['any with that subresource', rule({ resources: ['*/scale'] }), asked({ resource: 'pods/scale' }), true],
  ['no subresource, where any with one is allowed', rule({ resources: ['*/scale'] }), asked(), false],
  ['all, with subresources', rule({ resources: ['*'] }), asked({ resource: 'pods/exec' }), true],
  ['all verbs and groups', rule({ verbs: ['*'], groups: ['*'] }), asked({ verb: 'x', group: 'y' }), true],
  ['the name that is allowed', rule({ names: ['a'] }), asked({ name: 'a' }), true],
  ['another name', rule({ names: ['a'] }), asked({ name: 'b' }), false],
  ['no name, where one is asked for', rule({ names: ['a'] }), asked(), false],
]
for (const [what, given, question, allowed] of cases)
  test(`a rule ${allowed ? 'allows' : 'does not allow'} ${what}`, () =>
    assert.equal(ruleAllows(given, question), allowed))

test('a binding counts for its namespace only, until it goes', () => {
  const state = new RbacState()
  const metadata = { name: 'b', namespace: 'one' }
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata,
    roleRef: { kind: 'ClusterRole', name: 'view' },
    subjects: [{ kind: 'Group', name: 'people' }],
  }
  const role = {
    apiVersion: 'v1',
    kind: 'ClusterRole',
    metadata: { name: 'view' },
    rules: [
      { verbs: ['list'], apiGroups: [''], resources: ['pods'] },
      { verbs: ['get'], nonResourceURLs: ['/x'] },
    ],
  }
  const person = { user: 'dora', groups: ['people'] }
  const question = asked({ verb: 'list' })
  state.putBinding('one/b', bindingOf(binding))
  assert.deepEqual(state.places(person, question), new Set())
  state.putRole('/view', rulesOf(role))
  assert.deepEqual(state.places(person, question), new Set(['one']))
  assert.equal(state.may(person, { ...question, namespace: 'one' }), true)
  assert.equal(state.may(person, { ...question, namespace: 'two' }), false)
  assert.equal(state.may({ user: 'dora', groups: [] }, { ...question, namespace: 'one' }), false)
  state.putBinding('/all', bindingOf({ ...binding, kind: 'ClusterRoleBinding', metadata: { name: 'all' } }))
  assert.equal(state.places(person, question), 'everywhere')
  state.putBinding('/all', undefined)
  // a ClusterRole, not a Role of that name
  state.putRole('one/view', [])
  assert.deepEqual(state.places(person, question), new Set(['one']))
  state.putBinding('one/b', undefined)
  assert.deepEqual(state.places(person, question), new Set())
})

test('while not everything is seen nothing is said', () => {
  const state = new RbacState()
  state.isWhole = () => false
  assert.equal(state.places({ user: 'x', groups: [] }, asked()), undefined)
  assert.equal(state.may({ user: 'x', groups: [] }, { ...asked(), namespace: '' }), undefined)
})
