import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { HealthState, summariseHealth } from './health.ts'

const states = fc.array(fc.constantFrom(...HealthState.options))

describe('summary of health', () => {
  test('shows the worst known state with unknown beside it', () => {
    assert.deepEqual(summariseHealth(['Healthy', 'Unknown', 'Degraded']), { state: 'Degraded', unknown: 1, total: 3 })
  })
  test('says Unknown only when nothing is known', () => {
    fc.assert(
      fc.property(states, (given) => {
        const { state } = summariseHealth(given)
        assert.equal(state === 'Unknown', given.length > 0 && given.every((one) => one === 'Unknown'))
      }),
    )
  })
  test('does not depend on the order', () => {
    fc.assert(
      fc.property(states, (given) => assert.deepEqual(summariseHealth(given), summariseHealth(given.toReversed()))),
    )
  })
  test('is never better than any known part', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...HealthState.options), { minLength: 1 }),
        fc.constantFrom(...HealthState.options),
        (given, more) => {
          const before = summariseHealth(given)
          const after = summariseHealth([...given, more])
          assert.deepEqual(summariseHealth([before.state, more]).state, after.state)
        },
      ),
    )
  })
})
