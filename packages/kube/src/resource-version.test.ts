import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { compareVersions, isOlder, laterVersion } from './resource-version.ts'

test('numbers compare as numbers, beyond what a double holds', () => {
  const version = fc.bigInt({ min: 1n, max: 2n ** 63n })
  fc.assert(
    fc.property(version, version, (a, b) => {
      const expected = a < b ? -1 : a > b ? 1 : 0
      assert.equal(compareVersions(String(a), String(b)), expected)
      assert.equal(isOlder(String(a), String(b)), a < b)
      assert.equal(laterVersion(String(a), String(b)), String(a > b ? a : b))
    }),
  )
})

test('what is not a number is never called older', () => {
  for (const [a, b] of [
    ['abc', '9'],
    ['9', 'abc'],
    ['', '9'],
    ['09', '10'],
    ['-1', '5'],
  ] as const) {
    assert.equal(compareVersions(a, b), undefined)
    assert.equal(isOlder(a, b), false)
  }
})
