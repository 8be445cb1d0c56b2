import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { builtInRolesOf, type IdentityProvider, type Known, known, type User } from '@flotilla/model'
import { reconcileMembership } from './reconcile-membership.ts'
import { aMembership, api, away, frozen, now } from './testing/fleet-world.ts'

describe('reconcileMembership', () => {
  const user = (uid: string): User => ({
    ...api,
    kind: 'User',
    metadata: { name: 'ada', uid },
    spec: { disabled: false },
  })
  const decide = (
    object: ReturnType<typeof aMembership>,
    who: Known<User | IdentityProvider | undefined>,
    roleKnown = true,
  ) => reconcileMembership({ object: frozen(object), observed: { subject: who, roleKnown }, now })

  test('is bound to the person who has the name, and to nobody else ever after', () => {
    const first = decide(aMembership(), known(user('first')))
    assert.equal(first.status.userUid, 'first')
    const second = decide(aMembership('developer', first.status), known(user('second')))
    assert.equal(second.status.userUid, 'first')
    assert.equal(second.status.conditions?.[0]?.reason, 'OtherUser')
    assert.equal(decide(aMembership('developer', first.status), known(undefined)).status.userUid, 'first')
  })

  test('gives nothing while the role or the person is not known', () => {
    assert.equal(decide(aMembership('owner'), known(user('a')), false).status.userUid, undefined)
    assert.equal(decide(aMembership(), known(undefined)).status.userUid, undefined)
    assert.equal(decide(aMembership(), away).status.userUid, undefined)
  })

  test('gives the roles of its place, and none elsewhere', () => {
    assert.deepEqual(builtInRolesOf('flotilla-system'), ['admin', 'viewer'])
    assert.deepEqual(builtInRolesOf('ws-retail'), ['admin', 'developer', 'viewer'])
    assert.deepEqual(builtInRolesOf('pj-shop'), ['admin', 'operator', 'developer', 'viewer'])
    assert.deepEqual(builtInRolesOf('shop'), [])
  })

  test('for a group is bound to the provider, and to no later one of its name', () => {
    const provider = (uid: string): IdentityProvider => ({
      ...api,
      kind: 'IdentityProvider',
      metadata: { name: 'corp', uid },
      spec: { type: 'wecom', disabled: false, sessionHours: 12, tokenDays: 30 },
    })
    const membership = aMembership()
    const { user: _user, ...spec } = membership.spec
    const ofGroup = { ...membership, spec: { ...spec, group: { provider: 'corp', name: 'retail' } } }
    const first = decide(ofGroup, known(provider('first')))
    assert.deepEqual([first.status.providerUid, first.status.userUid], ['first', undefined])
    const second = decide({ ...ofGroup, status: first.status }, known(provider('second')))
    assert.equal(second.status.providerUid, 'first')
    assert.equal(second.status.conditions?.[0]?.reason, 'OtherProvider')
    assert.equal(decide(ofGroup, known(undefined)).status.conditions?.[0]?.reason, 'NoProvider')
  })

  test('holds still', () => {
    const { status } = decide(aMembership(), known(user('a')))
    assert.deepEqual(decide(aMembership('developer', status), known(user('a'))).status, status)
  })
})
