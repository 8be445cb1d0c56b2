import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { findInexactInteger, findUnsafeInteger, refuseUnsafeIntegers } from './exact-integers.ts'

describe('whole numbers that would lose digits', () => {
  test('are found in values with their path; all others are left alone', () => {
    assert.deepEqual(findUnsafeInteger({ a: [1, { b: 2 ** 53 }] }), { path: 'a[1].b', digits: '9007199254740992' })
    assert.equal(
      findUnsafeInteger({ a: [2 ** 53 - 1, -(2 ** 53) + 1, 1.5, 1e300, '9007199254740993', null] }),
      undefined,
    )
  })

  test('are refused by field and value, with what to do', () => {
    assert.throws(() => refuseUnsafeIntegers({ db: { id: -(2 ** 60) } }, 'values'), {
      code: 'input.invalid',
      field: 'values.db.id',
      value: '-1152921504606847000',
    })
    refuseUnsafeIntegers({ db: { id: 7 } }, 'values')
  })

  test('are found in JSON exactly where writing it again would change the digits', () => {
    assert.deepEqual(findInexactInteger('{"a":[1,{"b":9007199254740993}]}'), {
      path: 'a[1].b',
      digits: '9007199254740993',
    })
    // 10^18 is written as it was read; a text and a fraction are no whole numbers
    assert.equal(
      findInexactInteger('{"a":1000000000000000000,"b":": 9007199254740993","c":0.12345678901234567}'),
      undefined,
    )
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }), (digits) => {
        const json = `{"x":[${digits}]}`
        const kept = JSON.stringify(JSON.parse(json)) === json
        assert.equal(findInexactInteger(json) === undefined, kept)
      }),
    )
  })
})
