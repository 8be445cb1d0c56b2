import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nextWait } from './next-wait.ts'

test('an agent waits at most ten seconds for a server that is away, and at most thirty when it was refused', () => {
  const unit = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })
  fc.assert(
    fc.property(fc.nat(1000), unit, (failures, random) => {
      assert.ok(nextWait({ kind: 'lost' }, failures, () => random) <= 10_000)
      assert.ok(nextWait({ kind: 'refused' }, failures, () => random) <= 30_000)
      const asked = nextWait({ kind: 'lost', retryAfter: 20 }, failures, () => random)
      assert.ok(asked >= 20_000 && asked <= 30_000, 'Retry-After is the least')
      assert.ok(nextWait({ kind: 'lost', retryAfter: 1e9 }, failures, () => random) <= 310_000)
    }),
  )
})

test('a hundred agents that lose their server at once do not come back at once', () => {
  let seed = 1
  const random = (): number => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed / 2_147_483_647
  }
  // the server is away for three seconds, and each agent dials until it is back
  const arrivals = Array.from({ length: 100 }, () => {
    let at = 0
    for (let failures = 0; at < 3_000; failures++) at += nextWait({ kind: 'lost' }, failures, random)
    return at
  })
  const most = Math.max(...arrivals.map((at) => arrivals.filter((other) => other >= at && other < at + 100).length))
  assert.ok(most <= 10, `${most} of 100 within a tenth of a second`)
  assert.ok(Math.max(...arrivals) <= 15_000, 'all are back soon')
})
