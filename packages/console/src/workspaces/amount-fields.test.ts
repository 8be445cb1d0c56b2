import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { containerFields, faultyAmounts, patchAmounts, quotaFields, readAmounts } from './amount-fields.ts'

const all = [...quotaFields, ...containerFields]
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe('amounts in a specification', () => {
  test('change nothing when nothing is changed, whatever is there', () => {
    const amounts = fc.record(
      { 'requests.cpu': fc.constantFrom('4', '500m'), pods: fc.constant('50'), 'count/jobs.batch': fc.constant('3') },
      { requiredKeys: [] },
    )
    const spec = fc.record(
      {
        quota: fc.oneof(fc.record({ hard: amounts, later: fc.jsonValue() }), fc.jsonValue()),
        limits: fc.oneof(fc.record({ max: fc.constant({ cpu: '2' }) }), fc.jsonValue()),
        other: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(spec, (given) => {
        const before = plain(given) as Record<string, unknown>
        assert.deepEqual(patchAmounts(before, all, readAmounts(before, all)), before)
      }),
    )
  })
  test('are written beside what the form does not know', () => {
    const before = { quota: { hard: { pods: '50', 'count/jobs.batch': '3' } }, limits: { max: { cpu: '2' } } }
    const wanted = { ...readAmounts(before, all), 'quota pods': ' 60 ', 'limits default cpu': '500m' }
    assert.deepEqual(patchAmounts(before, all, wanted), {
      quota: { hard: { pods: '60', 'count/jobs.batch': '3' } },
      limits: { max: { cpu: '2' }, default: { cpu: '500m' } },
    })
  })
  test('take away with them what held nothing else', () => {
    const before = {
      targets: [],
      quota: { hard: { pods: '50' } },
      limits: { default: { cpu: '1' }, max: { cpu: '2' } },
    }
    const none = Object.fromEntries(all.map(({ id }) => [id, '']))
    assert.deepEqual(patchAmounts(before, all, none), { targets: [], limits: { max: { cpu: '2' } } })
  })
  test('name those that are none', () => {
    assert.deepEqual(faultyAmounts({ a: '4', b: '500m', c: ' 10Gi ', d: '' }), [])
    assert.deepEqual(faultyAmounts({ a: '4 cores', b: '-1', c: '10gb' }), ['a', 'b', 'c'])
  })
})
