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

  test('are found in JSON by the same path as in the value, whatever stands around them', () => {
    const bad = '12345678901234567890'
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(fc.oneof(fc.string(), fc.nat(3)), { maxLength: 5 }), (beside, way) => {
        let json = bad
        let path = ''
        for (const step of way.toReversed()) {
          const other = JSON.stringify(beside)
          json =
            typeof step === 'string'
              ? `{${JSON.stringify(`${step}-`)}:${other},${JSON.stringify(step)}:${json}}`
              : `[${`${other},`.repeat(step)}${json}]`
        }
        for (const step of way) {
          const key = typeof step === 'string' ? step : `[${step}]`
          path = path === '' || key === '' || key.startsWith('[') ? `${path}${key}` : `${path}.${key}`
        }
        if (findInexactInteger(JSON.stringify(beside)) !== undefined) return
        assert.deepEqual(findInexactInteger(json), { path, digits: bad })
      }),
    )
  })

  test('are told from digits in texts, from fractions, and from a zero with a sign', () => {
    for (const json of [
      '{"a":": 1234567890123456789","b":-0}',
      '{"a":"\\\\\\": 1234567890123456789","b":-0}',
      '[0.12345678901234567,1.5e+1234567890123456789,-12345678901234567.5]',
      '{"1234567890123456789":1}',
    ]) {
      assert.equal(findInexactInteger(json), undefined, json)
    }
    assert.deepEqual(findInexactInteger('{"\\\\":-9007199254740993}'), { path: '\\', digits: '-9007199254740993' })
  })

  test('are looked for in large and deep JSON in a moment', () => {
    const text = '": 1234567890123456789"'
    for (const [name, json, found] of [
      ['many objects', `{"a":${text},"b":[${'{"c":[]},'.repeat(500_000)}-0]}`, false],
      ['many quotes', `{"a":${text},"b":"${'\\"'.repeat(2_000_000)}"}`, false],
      ['many levels', `${'['.repeat(9_000)}1234567890123456789${']'.repeat(9_000)}`, true],
      ['many more levels', `{"a":${text},"b":${'['.repeat(2_000_000)}1234567890123456789`, true],
    ] as const) {
      findInexactInteger('[1234567890123456]')
      const before = process.threadCpuUsage().user
      assert.equal(findInexactInteger(json) !== undefined, found, name)
      const ms = (process.threadCpuUsage().user - before) / 1000
      assert.ok(ms < (found ? 500 : 100), `${name}: ${ms} ms`)
    }
  })
})
