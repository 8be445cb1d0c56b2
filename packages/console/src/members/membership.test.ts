import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { MemberRow } from '@flotilla/api'
import { isLastAdministrator, newMembership } from './membership.ts'
import { grantAddress, placeQuery } from './role-place.ts'

const member = (user: string, more: Partial<MemberRow> = {}): MemberRow => ({
  scope: 'platform',
  role: 'admin',
  membership: user,
  user,
  state: 'Given',
  since: '2026-01-01T00:00:00Z',
  disabled: false,
  ...more,
})

describe('members of a place', () => {
  test('are written into the namespace of the place', () => {
    const place = { scope: 'project', workspace: 'retail', project: 'shop' } as const
    assert.deepEqual(newMembership(place, 'dora', 'operator'), {
      apiVersion: 'flotilla.dev/v1alpha1',
      kind: 'Membership',
      metadata: { name: 'dora', namespace: 'pj-shop' },
      spec: { user: 'dora', role: 'operator' },
    })
    assert.deepEqual(placeQuery(place), { project: 'shop' })
    assert.deepEqual(placeQuery({ scope: 'platform' }), {})
  })
  test('have the last administrator who can act named as such', () => {
    const ada = member('ada')
    assert.equal(isLastAdministrator(ada, [ada]), true)
    assert.equal(isLastAdministrator(ada, [ada, member('bob')]), false)
    const cannot = [
      member('bob', { disabled: true }),
      member('cy', { role: 'viewer' }),
      member('di', { state: 'OtherPerson' }),
    ]
    assert.equal(isLastAdministrator(ada, [ada, ...cannot]), true)
    assert.equal(isLastAdministrator(member('cy', { role: 'viewer' }), [ada]), false)
  })
  test('have their place in the console', () => {
    assert.equal(grantAddress({ scope: 'workspace', workspace: 'retail' }), '/access/workspaces/retail/members')
    assert.equal(
      grantAddress({ scope: 'project', workspace: 'retail', project: 'shop' }),
      '/access/projects/shop/members',
    )
    assert.equal(grantAddress({ scope: 'project' }), undefined)
  })
})
