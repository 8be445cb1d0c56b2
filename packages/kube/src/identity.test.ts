import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FlotillaError } from '@flotilla/model'
import { checkIdentity, impersonationHeaders, type Identity } from './identity.ts'

const refusedField = (identity: Identity): string | undefined => {
  try {
    checkIdentity(identity)
  } catch (thrown) {
    assert.ok(thrown instanceof FlotillaError)
    assert.equal(thrown.code, 'auth.forbidden')
    return thrown.field
  }
  return undefined
}

test('nobody and the identities of Kubernetes are refused', () => {
  assert.equal(refusedField({ user: '', groups: ['a'] }), 'user')
  assert.equal(refusedField({ user: 'system:admin', groups: [] }), 'user')
  assert.equal(refusedField({ user: 'System:admin', groups: [] }), 'user')
  assert.equal(refusedField({ user: 'u', groups: ['ok', 'system:masters'] }), 'groups[1]')
  assert.equal(refusedField({ user: 'u', groups: [''] }), 'groups[0]')
})

test('values that would read differently on the wire are refused', () => {
  for (const value of [
    ' system:masters',
    'system:masters ',
    '\tsystem:masters',
    'a\r\nImpersonate-Group: b',
    'ä',
    '\u00a0x',
  ]) {
    assert.equal(refusedField({ user: value, groups: [] }), 'user', JSON.stringify(value))
    assert.equal(refusedField({ user: 'u', groups: [value] }), 'groups[0]', JSON.stringify(value))
    assert.equal(refusedField({ user: 'u', groups: [], extra: { a: [value] } }), 'extra.a[0]')
  }
  assert.equal(refusedField({ user: 'u', groups: [], extra: { 'A b': ['x'] } }), 'extra.A b')
})

test('groups are sent as repeated headers', () => {
  const identity = checkIdentity({
    user: 'flotilla:user:1',
    groups: ['a', 'b c'],
    extra: { 'acme.dev/scope': ['x', 'y'] },
  })
  assert.deepEqual(impersonationHeaders(identity), {
    'impersonate-user': 'flotilla:user:1',
    'impersonate-group': ['a', 'b c'],
    'impersonate-extra-acme.dev%2Fscope': ['x', 'y'],
  })
  assert.deepEqual(impersonationHeaders(undefined), {})
})
