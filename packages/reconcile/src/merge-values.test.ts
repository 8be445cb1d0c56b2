import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FlotillaError } from '@flotilla/model'
import * as fc from 'fast-check'
import { coalesceValues, mergeAll, mergeValues } from './merge-values.ts'

const key = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor')
const values = fc.letrec<{ value: unknown; map: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, 0, '', 'x', false),
    fc.array(fc.nat(2), { maxLength: 2 }),
    tie('map'),
  ),
  map: fc.array(fc.tuple(key, tie('value')), { maxLength: 3 }).map((entries) => Object.fromEntries(entries)),
})).map

describe('merging values', () => {
  test('maps merge, lists and everything else are replaced', () => {
    assert.deepEqual(mergeValues({ a: { b: 1, c: [1, 2] }, d: 'x' }, { a: { c: [3] }, d: { e: 1 } }), {
      a: { b: 1, c: [3] },
      d: { e: 1 },
    })
  })

  test('a null over another layer stays, so that it deletes the default of the chart', () => {
    const merged = mergeValues({ a: { b: 1 } }, { a: null })
    assert.deepEqual(merged, { a: null })
    assert.deepEqual(coalesceValues({ a: { b: 0 }, c: 1 }, merged), { c: 1 })
  })

  test('a value above a null brings it back', () => {
    assert.deepEqual(coalesceValues({ a: 0 }, mergeAll([{ a: null }, { a: 2 }])), { a: 2 })
  })

  test('values of a person win over defaults of another shape', () => {
    assert.deepEqual(coalesceValues({ a: { b: 1 }, c: 1 }, { a: 'text', c: { d: 1 } }), { a: 'text', c: { d: 1 } })
  })

  test('merging is idempotent, has an identity, and the upper layer has the last word', () => {
    fc.assert(
      fc.property(values, values, (base, over) => {
        assert.deepEqual(mergeValues(base, {}), base)
        assert.deepEqual(mergeValues({}, over), over)
        const merged = mergeValues(base, over)
        assert.deepEqual(mergeValues(merged, over), merged)
        assert.deepEqual(mergeValues(base, merged), merged)
        for (const name of Object.keys(over)) {
          const value = over[name]
          if (typeof value !== 'object' || value === null || Array.isArray(value)) assert.deepEqual(merged[name], value)
        }
      }),
    )
  })

  test('touches no prototype, whatever the keys', () => {
    const hostile = JSON.parse('{"__proto__":{"polluted":true},"a":{"__proto__":{"polluted":true}}}') as Record<
      string,
      unknown
    >
    const merged = mergeValues({ a: {} }, hostile)
    assert.equal(Reflect.get({}, 'polluted'), undefined)
    assert.equal(Reflect.get(merged, 'polluted'), undefined)
    assert.equal(JSON.stringify(merged), '{"a":{"__proto__":{"polluted":true}},"__proto__":{"polluted":true}}')
  })

  test('coalescing leaves no null of a default behind and keeps what nobody named', () => {
    fc.assert(
      fc.property(values, values, (defaults, given) => {
        const all = coalesceValues(defaults, given)
        for (const name of Object.keys(defaults)) {
          if (!Object.hasOwn(given, name)) assert.deepEqual(all[name], defaults[name])
          else if (given[name] === null) assert.ok(!Object.hasOwn(all, name))
        }
      }),
    )
  })

  test('refuses values that are nested beyond reason', () => {
    let deep: Record<string, unknown> = {}
    for (let i = 0; i < 300; i++) deep = { a: deep }
    assert.throws(
      () => mergeValues(deep, deep),
      (thrown) => thrown instanceof FlotillaError && thrown.code === 'input.invalid',
    )
  })
})
