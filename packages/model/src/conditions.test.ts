import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { computeConditions, type NewCondition } from './conditions.ts'

const ready = (status: 'True' | 'False', message = ''): NewCondition => ({
  type: 'Ready',
  status,
  reason: 'Seen',
  message,
})

describe('conditions', () => {
  test('keep their time while the status holds, also when the message changes', () => {
    const first = computeConditions(undefined, [ready('False', 'one')], '2026-01-01T00:00:00Z')
    const second = computeConditions(first, [ready('False', 'two')], '2026-01-02T00:00:00Z')
    assert.equal(second[0]?.lastTransitionTime, '2026-01-01T00:00:00Z')
    assert.equal(second[0]?.message, 'two')
  })
  test('take the new time when the status changes', () => {
    const first = computeConditions(undefined, [ready('False')], '2026-01-01T00:00:00Z')
    const second = computeConditions(first, [ready('True')], '2026-01-02T00:00:00Z')
    assert.equal(second[0]?.lastTransitionTime, '2026-01-02T00:00:00Z')
  })
  test('leave conditions that were not looked at', () => {
    const first = computeConditions(undefined, [ready('True'), { ...ready('True'), type: 'Other' }], 'a')
    assert.deepEqual(
      computeConditions(first, [ready('False')], 'b').map(({ type, status }) => [type, status]),
      [
        ['Ready', 'False'],
        ['Other', 'True'],
      ],
    )
  })
})
