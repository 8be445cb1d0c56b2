import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { matchTarget, matchTargets, parseTarget } from './parse-target.ts'

const targets = [
  { cluster: 'east', namespace: 'shop' },
  { cluster: 'east', namespace: 'shop-2' },
  { cluster: 'west', namespace: 'shop' },
]

describe('targets that are named', () => {
  test('are all of a cluster, or one by its namespace', () => {
    assert.deepEqual(matchTargets(targets, 'east'), targets.slice(0, 2))
    assert.deepEqual(matchTargets(targets, 'east/shop-2'), [targets[1]])
    assert.deepEqual(matchTarget(targets, 'west'), targets[2])
  })

  test('are refused where there is none, or one is needed and there are several', () => {
    assert.throws(() => matchTargets(targets, 'north'), { name: 'UsageError' })
    assert.throws(() => matchTargets(targets, 'west/other'), { name: 'UsageError' })
    assert.throws(() => matchTarget(targets, 'east'), { name: 'UsageError', message: /east\/shop, east\/shop-2/ })
    for (const text of ['', '/x', 'x/', 'a/b/c']) assert.throws(() => parseTarget(text), { name: 'UsageError' })
  })
})
