import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { mergeValues, sameValue } from './merge-values.ts'

const base = {
  spec: {
    paused: false,
    components: [
      { name: 'web', v: 1 },
      { name: 'api', v: 1 },
    ],
  },
}

describe('two people changing one document', () => {
  test('come together where they changed different fields', () => {
    const mine = { spec: { ...base.spec, paused: true } }
    const theirs = { spec: { ...base.spec, maxConcurrency: 2 } }
    assert.deepEqual(mergeValues(base, mine, theirs), {
      value: { spec: { ...base.spec, paused: true, maxConcurrency: 2 } },
      conflicts: [],
    })
  })
  test('come together in different items of a named list', () => {
    const mine = {
      spec: {
        ...base.spec,
        components: [
          { name: 'web', v: 2 },
          { name: 'api', v: 1 },
        ],
      },
    }
    const theirs = {
      spec: {
        ...base.spec,
        components: [
          { name: 'api', v: 3 },
          { name: 'web', v: 1 },
          { name: 'new', v: 1 },
        ],
      },
    }
    const merged = mergeValues(base, mine, theirs)
    assert.deepEqual(merged.conflicts, [])
    assert.deepEqual(merged.value, {
      spec: {
        paused: false,
        components: [
          { name: 'web', v: 2 },
          { name: 'api', v: 3 },
          { name: 'new', v: 1 },
        ],
      },
    })
  })
  test('meet in a conflict where both changed one field, and mine stays', () => {
    const merged = mergeValues({ a: 1, b: 1 }, { a: 2, b: 1 }, { a: 3, b: 2 })
    assert.deepEqual(merged, { value: { a: 2, b: 2 }, conflicts: [{ path: ['a'], mine: 2, theirs: 3 }] })
  })
  test('meet in a conflict where one took away what the other changed', () => {
    assert.deepEqual(mergeValues({ a: { x: 1 } }, {}, { a: { x: 2 } }).conflicts, [
      { path: ['a'], mine: undefined, theirs: { x: 2 } },
    ])
  })
  test('take away what one of them took away', () => {
    assert.deepEqual(mergeValues({ a: 1, b: 1 }, { a: 1 }, { a: 1, b: 1, c: 1 }).value, { a: 1, c: 1 })
  })
})

const json = fc.jsonValue({ maxDepth: 3 }).filter((value) => value !== null)

test('a merge changes nothing when only one side changed', () => {
  fc.assert(
    fc.property(json, json, (a, b) => {
      assert.ok(sameValue(mergeValues(a, b, a).value, b))
      assert.ok(sameValue(mergeValues(a, a, b).value, b))
      assert.deepEqual(mergeValues(a, b, b).conflicts, [])
    }),
  )
})
