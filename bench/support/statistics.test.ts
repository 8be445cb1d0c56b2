import assert from 'node:assert/strict'
import { test } from 'node:test'
import { percentile, spreadOf } from './statistics.ts'

test('a percentile is a value that was measured', () => {
  const values = Array.from({ length: 100 }, (_, at) => 100 - at)
  assert.equal(percentile(values, 50), 50)
  assert.equal(percentile(values, 99), 99)
  assert.equal(percentile(values, 100), 100)
  assert.equal(percentile([7], 99), 7)
  assert.throws(() => percentile([], 50))
})

test('the spread of rounds is their middle and their ends', () => {
  assert.deepEqual(spreadOf([3, 9, 1, 5, 4]), { median: 4, lowest: 1, highest: 9 })
})
