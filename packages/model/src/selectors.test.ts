import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { choosesCluster, type LabelSelector, matchesSelector } from './selectors.ts'

const west = { name: 'west', labels: { region: 'west', cloud: 'a' } }

describe('label selectors', () => {
  const table: [string, LabelSelector, boolean][] = [
    ['an empty selector matches everything', {}, true],
    ['an equal label matches', { matchLabels: { region: 'west' } }, true],
    ['another value does not', { matchLabels: { region: 'east' } }, false],
    ['a missing label does not', { matchLabels: { zone: '' } }, false],
    ['In holds the value', { matchExpressions: [{ key: 'region', operator: 'In', values: ['east', 'west'] }] }, true],
    ['In of a missing label is false', { matchExpressions: [{ key: 'zone', operator: 'In', values: [''] }] }, false],
    [
      'NotIn of a missing label is true',
      { matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['a'] }] },
      true,
    ],
    ['Exists', { matchExpressions: [{ key: 'cloud', operator: 'Exists' }] }, true],
    ['DoesNotExist', { matchExpressions: [{ key: 'cloud', operator: 'DoesNotExist' }] }, false],
    [
      'a name of Object.prototype is no label',
      { matchExpressions: [{ key: 'constructor', operator: 'Exists' }] },
      false,
    ],
  ]
  for (const [name, selector, expected] of table) {
    test(name, () => assert.equal(matchesSelector(selector, west.labels), expected))
  }

  test('NotIn is the opposite of In', () => {
    const labels = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'))
    fc.assert(
      fc.property(labels, fc.constantFrom('a', 'b', 'c'), fc.array(fc.constantFrom('1', '2')), (given, key, values) => {
        const asked = (operator: 'In' | 'NotIn') =>
          matchesSelector({ matchExpressions: [{ key, operator, values }] }, given)
        assert.notEqual(asked('In'), asked('NotIn'))
      }),
    )
  })
})

describe('choosing clusters', () => {
  test('nothing said chooses all', () => {
    assert.equal(choosesCluster(undefined, west), true)
    assert.equal(choosesCluster({}, west), true)
  })
  test('a name or a label is enough', () => {
    assert.equal(choosesCluster({ names: ['west'], selector: { matchLabels: { region: 'east' } } }, west), true)
    assert.equal(choosesCluster({ names: ['east'], selector: { matchLabels: { region: 'west' } } }, west), true)
    assert.equal(choosesCluster({ names: ['east'] }, west), false)
  })
  test('an empty list of names chooses none', () => assert.equal(choosesCluster({ names: [] }, west), false))
})
