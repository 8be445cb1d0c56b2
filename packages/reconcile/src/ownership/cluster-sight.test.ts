import assert from 'node:assert/strict'
import { test } from 'node:test'
import { known, unknown } from '@flotilla/model'
import { seesClusters, seesClustersOf } from './cluster-sight.ts'

const clusters = known([
  { name: 'east', labels: { tier: 'gold' } },
  { name: 'west', labels: {} },
])
const names = (choice: object | undefined, seen = clusters as Parameters<typeof seesClustersOf>[1]) => {
  const rules = seesClustersOf({ spec: choice === undefined ? {} : { clusters: choice } }, seen)
  if (!rules.known) return rules.reason
  return rules.value.map((rule) => ('resourceNames' in rule ? rule.resourceNames : rule.verbs))
}

test('the people of a workspace see the clusters that it may use', () => {
  assert.deepEqual(names(undefined), [['get', 'list', 'watch']])
  assert.deepEqual(names({ names: ['west', 'planned'] }), [['planned', 'west']])
  assert.deepEqual(names({ selector: { matchLabels: { tier: 'gold' } } }), [['east']])
  assert.deepEqual(names({ names: ['west'], selector: { matchLabels: { tier: 'gold' } } }), [['east', 'west']])
})

test('who may use none sees none: a rule without names would be for all of them', () => {
  assert.deepEqual(names({ names: [] }), [])
  assert.deepEqual(names({ selector: { matchLabels: { tier: 'none' } } }), [])
  assert.deepEqual(seesClusters([]), [])
})

test('labels that are not known choose nothing and everything alike: that is not decided', () => {
  assert.equal(names({ selector: {} }, unknown('not read')), 'not read')
  assert.deepEqual(names({ names: ['east'] }, unknown('not read')), [['east']])
})
