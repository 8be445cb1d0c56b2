import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { canonicalJson, sameJson } from './canonical-json.ts'

describe('canonical JSON', () => {
  test('is the same whatever order the fields stand in, and reads back as the value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).toReversed())
        assert.equal(canonicalJson(turned), canonicalJson(value))
        assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  test('leaves out what is undefined, and keeps the order of lists', () => {
    assert.equal(canonicalJson({ b: 1, a: undefined, c: [2, 1] }), '{"b":1,"c":[2,1]}')
    assert.equal(canonicalJson(undefined), 'null')
    assert.equal(sameJson({ a: 1, b: { c: 2, d: undefined } }, { b: { c: 2 }, a: 1 }), true)
    assert.equal(sameJson([1, 2], [2, 1]), false)
  })

  test('takes __proto__ for a key like any other', () => {
    assert.equal(canonicalJson(JSON.parse('{"__proto__":{"b":1},"a":1}')), '{"__proto__":{"b":1},"a":1}')
  })
})
