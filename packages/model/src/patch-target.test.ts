import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { matchesTarget } from './patch-target.ts'

const object = (name: string) => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name } })

test('a target names its objects by kind, group and a name with stars, as a regular expression would', () => {
  assert.ok(matchesTarget({ kind: 'Deployment' }, object('web')))
  assert.ok(!matchesTarget({ kind: 'Deployment', group: '' }, object('web')))
  assert.ok(!matchesTarget({ kind: 'Service' }, object('web')))
  fc.assert(
    fc.property(fc.stringMatching(/^[ab*]{0,6}$/), fc.stringMatching(/^[ab]{0,8}$/), (pattern, name) => {
      const expected = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name)
      assert.equal(matchesTarget({ kind: 'Deployment', name: pattern }, object(name)), expected)
    }),
  )
})
