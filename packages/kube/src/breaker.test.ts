import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FlotillaError } from '@flotilla/model'
import { Breaker } from './breaker.ts'
import { createTestClock } from './testing/clock.ts'

function setUp() {
  const clock = createTestClock()
  return { clock, breaker: new Breaker({ name: 'east', clock, failures: 3, maxWaitMs: 5_000 }) }
}

const admitted = (breaker: Breaker): boolean => {
  try {
    breaker.admit()
    return true
  } catch (thrown) {
    assert.ok(thrown instanceof FlotillaError && thrown.code === 'cluster.breaker_open')
    return false
  }
}

test('opens after failures in a row, and says since when', () => {
  const { breaker, clock } = setUp()
  breaker.failed('refused')
  breaker.failed('refused')
  breaker.answered()
  breaker.failed('refused')
  const first = clock.now()
  clock.advance(1_000)
  breaker.failed('refused')
  assert.ok(admitted(breaker))
  breaker.failed('refused')
  assert.deepEqual(breaker.state, { state: 'open', since: first, reason: 'refused' })
  assert.throws(() => breaker.admit(), new RegExp(new Date(first).toISOString()))
})

test('lets one probe through at a time, and closes when it is answered', () => {
  const { breaker, clock } = setUp()
  for (let i = 0; i < 3; i++) breaker.failed('refused')
  assert.ok(!admitted(breaker))
  clock.advance(breaker.probeInMs)
  assert.ok(admitted(breaker))
  assert.equal(breaker.state.state, 'half-open')
  assert.ok(!admitted(breaker))
  breaker.answered()
  assert.deepEqual(breaker.state, { state: 'closed' })
  assert.ok(admitted(breaker))
})

test('waits longer after each failed probe, up to its bound, and keeps the time of the first failure', () => {
  const { breaker, clock } = setUp()
  const since = clock.now()
  for (let i = 0; i < 3; i++) breaker.failed('refused')
  for (let i = 0; i < 12; i++) {
    const wait = breaker.probeInMs
    assert.ok(wait > 0 && wait <= 5_000, String(wait))
    if (i > 5) assert.ok(wait >= 2_500, String(wait))
    clock.advance(wait)
    assert.ok(admitted(breaker))
    breaker.failed('still refused')
  }
  assert.deepEqual(breaker.state, { state: 'open', since, reason: 'still refused' })
})

test('a probe that was called off frees the way for the next', () => {
  const { breaker, clock } = setUp()
  for (let i = 0; i < 3; i++) breaker.failed('refused')
  clock.advance(breaker.probeInMs)
  assert.ok(admitted(breaker))
  breaker.abandoned()
  assert.ok(admitted(breaker))
})

test('requests of before it opened do not change an open breaker for the worse', () => {
  const { breaker } = setUp()
  for (let i = 0; i < 3; i++) breaker.failed('refused')
  const before = breaker.state
  breaker.failed('late')
  assert.deepEqual(breaker.state, before)
})

test('asks again in its time, whatever the time of day is set to', () => {
  for (const jump of [-600_000, 600_000]) {
    const { breaker, clock } = setUp()
    for (let time = 0; time < 3; time++) breaker.failed('no answer')
    const wait = breaker.probeInMs
    clock.jump(jump)
    assert.equal(breaker.probeInMs, wait)
    assert.throws(() => breaker.admit(), { code: 'cluster.breaker_open' })
    clock.advance(wait)
    breaker.admit()
  }
})
