import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRepeatLimiter } from './limit-repeats.ts'

test('so many of a key are let through each minute, and the next one says how many were not', () => {
  let now = 0
  const limiter = createRepeatLimiter({ now: () => now, eachMinute: 2 })
  const take = (key: string) => limiter.take(key)
  assert.deepEqual(
    [take('a'), take('a'), take('a'), take('a')].map(({ write }) => write),
    [true, true, false, false],
  )
  assert.deepEqual(take('b'), { write: true, leftOut: 0 })
  now = 60_000
  assert.deepEqual(take('a'), { write: true, leftOut: 2 })
  assert.deepEqual(take('a'), { write: true, leftOut: 0 })
})

test('who has many addresses is one stranger when too many are known', () => {
  const limiter = createRepeatLimiter({ now: () => 0, eachMinute: 1 })
  const written = Array.from({ length: 5_000 }, (_, at) => limiter.take(`address ${at}`)).filter(({ write }) => write)
  assert.ok(written.length <= 1_001, `${written.length}`)
})
