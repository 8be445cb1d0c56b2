import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tellFailures } from './live-difference.ts'

test('of a thousand objects that cannot be compared the first ones are told, cleaned, and how many more there are', () => {
  let cleaned = 0
  const clean = (text: string): string => {
    cleaned++
    return text.toUpperCase()
  }
  const told = tellFailures(
    'web',
    Array.from({ length: 1_000 }, (_, at) => `refused ${at}`),
    clean,
  )
  assert.deepEqual([told.length, cleaned, told[19], told[20]?.slice(0, 3)], [21, 20, 'REFUSED 19', '980'])
  assert.deepEqual(tellFailures('web', ['refused'], clean), ['REFUSED'])
})
