import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { readField, readPerson } from './read-person.ts'

const said = (more: object = {}) =>
  readPerson('corp', { subject: 's', name: undefined, email: undefined, groups: undefined, ...more })

test('nobody is read from a subject that is none, or that several people may have', () => {
  const wrong = ['', 1.5, NaN, 2 ** 53, 2 ** 53 + 2, 1e300, true, null, undefined, {}, ['s'], 'x'.repeat(513)]
  for (const subject of wrong) assert.throws(() => said({ subject }), { code: 'auth.refused' })
  assert.equal(said({ subject: 7 }).subject, '7')
})

test('a name is of one line and reads in the order in which it is written', () => {
  for (const [given, shown] of [
    ['Ada\r\nadmin', 'Ada  admin'],
    ['\u001B[2JAda\u0000', '[2JAda'],
    ['\u202Enimda\u202C', 'nimda'],
    [' \u2066 \u2069', undefined],
    [`${'a'.repeat(127)}\u{1F600}`, `${'a'.repeat(127)}\uFFFD`],
    [{ toString: () => 'Ada' }, undefined],
  ] as const)
    assert.equal(said({ name: given }).name, shown)
})

test('groups are texts, bounded in number and length, whatever is given', () => {
  assert.deepEqual(said({ groups: ['b', 'a', '', 4, 2 ** 60, null, {}, ['x'], 'g'.repeat(513), 'a'] }).groups, [
    '4',
    'a',
    'b',
  ])
  assert.deepEqual(said({ groups: 'one' }).groups, ['one'])
  assert.equal(said({ groups: Array.from({ length: 10_000 }, (_, at) => `g${at}`) }).groups.length, 500)
  fc.assert(
    fc.property(fc.anything(), (groups) => {
      assert.ok(said({ groups }).groups.every((group) => typeof group === 'string' && group !== ''))
    }),
  )
})

test('only fields that were answered count, never those that every object has', () => {
  for (const path of ['__proto__', 'constructor', 'constructor.name', 'toString', 'a.length', 'a.__proto__.b', ''])
    assert.equal(readField(JSON.parse('{"a":"text"}'), path), undefined, path)
  assert.equal(readField(JSON.parse('{"__proto__":{"sub":"root"}}'), 'sub'), undefined)
})
