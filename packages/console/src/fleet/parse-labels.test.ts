import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { computeLabelChange, parseLabels, writeLabels } from './parse-labels.ts'

describe('labels as a person writes them', () => {
  test('come by line or comma, with an empty value where one is meant', () => {
    assert.deepEqual(parseLabels('region=east, cloud=a\n\nedge='), {
      ok: true,
      labels: { region: 'east', cloud: 'a', edge: '' },
    })
  })
  test('name the line that is none', () => {
    assert.deepEqual(parseLabels('region=east\n=x'), { ok: false, line: '=x' })
    assert.deepEqual(parseLabels('region'), { ok: false, line: 'region' })
  })
  test('change only what differs', () => {
    assert.equal(computeLabelChange({ a: '1' }, { a: '1' }), undefined)
    assert.deepEqual(computeLabelChange({ a: '1', b: '2' }, { b: '3', c: '4' }), { a: null, b: '3', c: '4' })
  })
  test('survive being written and read', () => {
    const word = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8})$/)
    fc.assert(
      fc.property(fc.dictionary(word, word), (labels) => {
        assert.deepEqual(parseLabels(writeLabels(labels)), { ok: true, labels: { ...labels } })
      }),
    )
  })
})
