import assert from 'node:assert/strict'
import { test } from 'node:test'
import { project } from '../http/testing/http-fixture.ts'
import { narrowPerson } from './narrow-person.ts'
import type { Person } from './people.ts'

test('a token of a project has its roles as soon as the project is known, for the same person too', () => {
  const person = {
    uid: 'uid-dora',
    name: 'dora',
    identity: { user: 'dora', groups: [] },
    roles: [{ scope: 'workspace', workspace: 'retail', role: 'developer' }],
  } as unknown as Person
  const scope = { access: 'read', project: { name: 'shop', uid: 'uid-shop' } } as const
  const groupsIn = (...projects: ReturnType<typeof project>[]) =>
    narrowPerson(person, scope, { projects: { list: () => projects } } as never).identity.groups
  assert.deepEqual(groupsIn(), [])
  assert.deepEqual(groupsIn({ ...project('shop', 'retail'), status: { namespace: 'pj-shop' } }), [
    'flotilla:project:uid-shop:developer',
  ])
})
