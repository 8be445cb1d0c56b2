import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { backoff, parseRetryAfter, steadyBackoff } from './backoff.ts'

const settings = fc.record({ baseMs: fc.integer({ min: 1, max: 5_000 }), maxMs: fc.integer({ min: 1, max: 60_000 }) })
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

test('a wait never exceeds its ceiling, whatever the attempt', () => {
  fc.assert(
    fc.property(fc.nat(10_000), settings, chance, (attempt, { baseMs, maxMs }, random) => {
      const wait = backoff(attempt, { baseMs, maxMs, random: () => random })
      const steady = steadyBackoff(attempt, { baseMs, maxMs, random: () => random })
      const ceiling = Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30))
      assert.ok(wait >= 0 && wait <= ceiling)
      assert.ok(steady >= Math.floor(ceiling / 2) && steady <= ceiling)
    }),
  )
})

test('waits of many are spread over the whole range', () => {
  const waits = Array.from({ length: 1000 }, () => backoff(10, { baseMs: 100, maxMs: 10_000, random: Math.random }))
  assert.ok(Math.min(...waits) < 1_000)
  assert.ok(Math.max(...waits) > 9_000)
})

test('Retry-After is read as seconds and as a date, within an hour', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  assert.equal(parseRetryAfter('7', now), 7)
  assert.equal(parseRetryAfter('Thu, 01 Jan 2026 00:00:30 GMT', now), 30)
  assert.equal(parseRetryAfter('Thu, 01 Jan 2020 00:00:30 GMT', now), 0)
  assert.equal(parseRetryAfter('999999', now), 3600)
  assert.equal(parseRetryAfter('soon', now), undefined)
  assert.equal(parseRetryAfter(undefined, now), undefined)
})
