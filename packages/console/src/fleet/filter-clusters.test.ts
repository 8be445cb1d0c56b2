import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ClusterRow } from '@flotilla/api'
import { filterClusters } from './filter-clusters.ts'

const row = (name: string, more: Partial<ClusterRow> = {}): ClusterRow => ({
  name,
  labels: {},
  edge: false,
  connection: { state: 'connected', since: '2026-01-01T00:00:00Z', version: 'v1.36.3' },
  server: 'https://10.0.0.1:6443',
  lacks: [],
  deliveries: { total: 0, healthy: 0, unhealthy: 0, unknown: 0 },
  createdAt: '2026-01-01T00:00:00Z',
  removing: false,
  ...more,
})
const rows = [
  row('west', { labels: { region: 'west' }, version: 'v1.30.10' }),
  row('east', { connection: { state: 'lost', since: '2026-01-02T00:00:00Z', reason: 'gone' }, version: 'v1.30.9' }),
  row('hub', { version: 'v1.36.3' }),
]
const names = (wanted: Partial<Parameters<typeof filterClusters>[1]>) =>
  filterClusters(rows, { q: '', names: undefined, sort: 'name', ...wanted }).map(({ name }) => name)

describe('the clusters of the fleet', () => {
  test('stand by name at first', () => assert.deepEqual(names({}), ['east', 'hub', 'west']))
  test('show the lost ones first when sorted by state', () => assert.equal(names({ sort: 'state' })[0], 'east'))
  test('sort versions as numbers', () => assert.deepEqual(names({ sort: 'version' }), ['east', 'west', 'hub']))
  test('are found by a label', () => assert.deepEqual(names({ q: 'region=we' }), ['west']))
  test('keep to the cluster filter', () => assert.deepEqual(names({ names: ['hub', 'gone'] }), ['hub']))
  test('do not mind a sort that does not exist', () =>
    assert.deepEqual(names({ sort: 'mass' }), ['east', 'hub', 'west']))
})
