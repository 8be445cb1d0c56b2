import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IdentityProviderSpec } from '@flotilla/model'
import { providerTypes } from '../query/use-providers.ts'
import { providerFields, readForm, writeForm } from './provider-form.ts'

const answers: Record<string, string> = {
  url: 'ldaps://ldap.example.com',
  userFilter: '(uid={name})',
  scopes: 'a, b  c',
}

for (const type of providerTypes) {
  test(`the form of ${type} makes what the kind takes, from what it needs and from all`, () => {
    for (const fields of [providerFields[type].filter(({ required = false }) => required), providerFields[type]]) {
      const settings = Object.fromEntries(
        fields.map(({ name, choices }) => [
          name,
          answers[name] ?? choices?.[0] ?? (name.endsWith('Url') || name === 'issuer' ? 'https://x.example' : 'x'),
        ]),
      )
      const spec = writeForm({ ...readForm(type, {}), displayName: ' Corp ', settings }, {})
      const parsed = IdentityProviderSpec.parse(spec)
      assert.equal(parsed.displayName, 'Corp')
      assert.deepEqual(Object.keys(parsed[type] ?? {}).length > 0, true)
      assert.deepEqual(writeForm(readForm(type, spec), spec), spec)
    }
  })
}

test('what the form does not know survives, and what was emptied goes', () => {
  const before = {
    type: 'oidc',
    tokenDays: 7,
    oidc: { issuer: 'https://x', clientId: 'c', nameClaim: 'nick', groupsClaim: 'g' },
  }
  const form = readForm('oidc', before)
  const after = writeForm({ ...form, settings: { ...form.settings, groupsClaim: ' ' } }, before)
  assert.deepEqual(after, {
    type: 'oidc',
    tokenDays: 7,
    sessionHours: 12,
    oidc: { issuer: 'https://x', clientId: 'c', nameClaim: 'nick' },
  })
})
