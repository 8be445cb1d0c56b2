import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { listFilterLabels, resolveClusterFilter, withClusters } from './cluster-filter.ts'

const fleet = [
  { name: 'hub', labels: { region: 'east', all: 'yes' } },
  { name: 'east', labels: { region: 'east', all: 'yes', 'node.kubernetes.io/x': '1' } },
  { name: 'west', labels: { region: 'west', all: 'yes' } },
]

describe('the cluster filter', () => {
  test('means every cluster when it is empty', () => assert.equal(resolveClusterFilter([], fleet), undefined))
  test('takes names and labels, either is enough', () => {
    assert.deepEqual(resolveClusterFilter(['west', 'region=east'], fleet), ['east', 'hub', 'west'])
  })
  test('means nothing, not everything, when a label fits no cluster', () => {
    assert.deepEqual(resolveClusterFilter(['region=mars'], fleet), [])
  })
  test('offers only labels that tell clusters apart', () => {
    assert.deepEqual(listFilterLabels(fleet), ['region=east', 'region=west'])
  })
  test('is carried along in an address', () => {
    assert.equal(withClusters('/apps?q=a', ['east', 'region=west']), '/apps?q=a&cluster=east&cluster=region%3Dwest')
    assert.equal(withClusters('/apps', []), '/apps')
  })
})
