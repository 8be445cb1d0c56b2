import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { MatrixCell, MatrixTarget } from '@flotilla/api'
import { parseCellKey, writeCellKey } from './cell-key.ts'
import { computeColumns, indexCells, summariseCells } from './matrix-model.ts'

const target = (cluster: string): MatrixTarget => ({ cluster, namespace: 'shop', health: 'Healthy', current: true })
const cell = (cluster: string, more: Partial<MatrixCell> = {}): MatrixCell => ({
  component: 'web',
  cluster,
  namespace: 'shop',
  health: 'Healthy',
  images: [],
  ownOverrides: 0,
  drift: 'None',
  ...more,
})
const sites = Array.from({ length: 24 }, (_, index) => `site-${index}`)
const fleet = [
  { name: 'hub', labels: { region: 'east' }, edge: false },
  ...sites.map((name) => ({ name, labels: {}, edge: true })),
]
const targets = [target('hub'), ...sites.map(target)]

describe('the columns of the matrix', () => {
  test('are the targets themselves while they are few', () => {
    assert.deepEqual(
      computeColumns(targets.slice(0, 4), fleet, new Set()).map(({ key }) => key),
      ['hub/shop', 'site-0/shop', 'site-1/shop', 'site-2/shop'],
    )
  })
  test('gather edge sites when there are many, until they are opened', () => {
    const columns = computeColumns(targets, fleet, new Set())
    assert.deepEqual(
      columns.map(({ key }) => key),
      ['hub/shop', 'group:edge'],
    )
    assert.equal(computeColumns(targets, fleet, new Set(['edge'])).length, 25)
  })
})

describe('a cell over several targets', () => {
  test('shows the worst that is known and counts the unknown beside it', () => {
    const summary = summariseCells([
      cell('a', { version: '1.4.3' }),
      cell('b', { version: '1.4.2', health: 'Degraded' }),
      cell('c', { version: '1.4.3', health: 'Unknown', ownOverrides: 2 }),
    ])
    assert.deepEqual(summary, {
      health: 'Degraded',
      unknown: 1,
      total: 3,
      healthy: 1,
      versions: ['1.4.3', '1.4.2'],
      ownOverrides: 2,
    })
  })
  test('is nothing where nothing is placed', () => assert.equal(summariseCells([]), undefined))
  test('is found by component and target', () => {
    assert.equal(indexCells([cell('a')])('web', target('a'))?.cluster, 'a')
    assert.equal(indexCells([cell('a')])('api', target('a')), undefined)
  })
})

test('the name of a cell survives the address', () => {
  const key = { component: 'web', cluster: 'west', namespace: 'shop-prod' }
  assert.deepEqual(parseCellKey(writeCellKey(key)), key)
  assert.equal(parseCellKey('web~west'), undefined)
})
