import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ResourcePage, ResourceRow } from '@flotilla/api'
import { placeRows } from './place-rows.ts'

const row = (name: string, state = 'Running'): ResourceRow => ({
  cluster: 'east',
  namespace: 'shop',
  name,
  state,
  labels: {},
  images: [],
})
const page = (names: readonly string[], total: number, more?: string): ResourcePage => ({
  items: names.map((name) => row(name)),
  failures: [],
  total,
  facets: { cluster: {}, state: {} },
  ...(more === undefined ? {} : { continue: more }),
})
const key = (name: string) => `east/shop/${name}`
const names = (pages: readonly ResourcePage[]) => pages.flatMap(({ items }) => items.map(({ name }) => name))

describe('a changed row', () => {
  const pages = [page(['b', 'd'], 5, 'x'), page(['f'], 5, 'y')]
  test('takes its place among those that are loaded', () => {
    const after = placeRows(pages, [{ key: key('c'), row: row('c'), was: false }], 'name')
    assert.deepEqual(names(after), ['b', 'c', 'd', 'f'])
    assert.equal(after[0]?.total, 6)
    assert.equal(after.at(-1)?.continue, 'y')
  })
  test('is only counted where it belongs behind them', () => {
    const after = placeRows(pages, [{ key: key('z'), row: row('z'), was: false }], 'name')
    assert.deepEqual(names(after), ['b', 'd', 'f'])
    assert.equal(after[0]?.total, 6)
  })
  test('is at the end where everything is loaded', () => {
    const after = placeRows([page(['b'], 1)], [{ key: key('z'), row: row('z'), was: false }], 'name')
    assert.deepEqual(names(after), ['b', 'z'])
  })
  test('takes the place of what it was, and moves when the order says so', () => {
    const items = [{ key: key('b'), row: row('b', 'Zombie'), was: true }]
    const by = placeRows(pages, items, 'name')
    assert.deepEqual(names(by), ['b', 'd', 'f'])
    assert.equal(by[0]?.items[0]?.state, 'Zombie')
    assert.equal(by[0]?.items[1], pages[0]?.items[1])
    assert.deepEqual(names(placeRows([page(['b', 'd'], 2)], items, 'state')), ['d', 'b'])
  })
  test('goes when it is gone, and is counted once however often it is told', () => {
    const gone = { key: key('d'), row: null, was: true }
    const after = placeRows(pages, [gone], 'name')
    assert.deepEqual(names(after), ['b', 'f'])
    assert.equal(after[0]?.total, 4)
    const again = placeRows(after, [{ key: key('b'), row: row('b'), was: false }], 'name')
    assert.equal(again[0]?.total, 4)
  })
})
