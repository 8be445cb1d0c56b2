import assert from 'node:assert/strict'
import { test } from 'node:test'
import { span } from './span.ts'

test('a span of time says every second of it', () => {
  assert.deepEqual([0, 45, 60, 5400, 86_400, 604_800, 90_061].map(span), [
    '0s',
    '45s',
    '1m',
    '1h30m',
    '1d',
    '7d',
    '1d1h1m1s',
  ])
})
