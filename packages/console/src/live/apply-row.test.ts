import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ApplicationRow } from '@flotilla/api'
import { applyRow } from './apply-row.ts'

const row = (name: string, state: ApplicationRow['health']['state'] = 'Healthy'): ApplicationRow => ({
  project: 'shop',
  name,
  uid: name,
  health: { state, unknown: 0, total: 1 },
  sentence: { code: 'healthy', headline: '', detail: '', clusters: [] },
  components: [{ name: 'web', source: 'oci://x/web', version: '2.3.0' }],
  clusters: [{ cluster: 'east', namespace: 'shop', health: state }],
  targets: { total: 1, current: 1, healthy: 1, unknown: 0 },
  paused: false,
  drifted: false,
  findings: 0,
  createdAt: '2026-01-01T00:00:00Z',
})
const pages = [{ items: [row('a'), row('b')], total: 2 }]
const names = (result: { pages: readonly { items: readonly ApplicationRow[] }[] }) =>
  result.pages.flatMap((page) => page.items.map((item) => item.name))

describe('a changed application in a list', () => {
  test('takes its own place and leaves the other rows as they are', () => {
    const result = applyRow(pages, {}, 'shop/b', row('b', 'Failed'))
    assert.equal(result.pages[0]?.items[1]?.health.state, 'Failed')
    assert.equal(result.pages[0]?.items[0], pages[0]?.items[0])
    assert.equal(result.stale, false)
  })
  test('leaves a list whose filter it no longer matches', () => {
    const result = applyRow(pages, { health: ['Healthy'] }, 'shop/b', row('b', 'Failed'))
    assert.deepEqual(names(result), ['a'])
    assert.equal(result.pages[0]?.total, 1)
  })
  test('asks for the list again when it belongs to it and is not there', () => {
    assert.equal(applyRow(pages, {}, 'shop/c', row('c')).stale, true)
    assert.equal(applyRow(pages, { q: 'zzz' }, 'shop/c', row('c')).stale, false)
  })
  test('asks for the list again when it may have moved', () => {
    assert.equal(applyRow(pages, { sort: '-health' }, 'shop/b', row('b', 'Failed')).stale, true)
  })
  test('goes when it is gone', () => assert.deepEqual(names(applyRow(pages, {}, 'shop/a', null)), ['b']))
  test('is filtered by every word that the server filters by', () => {
    for (const [query, kept] of [
      [{ q: 'WEB' }, true],
      [{ q: '2.3' }, true],
      [{ cluster: 'east' }, true],
      [{ cluster: ['west'] }, false],
      [{ project: ['shop'] }, true],
      [{ workspace: ['retail'] }, false],
    ] as const) {
      assert.equal(
        names(applyRow(pages, query as never, 'shop/a', row('a'))).includes('a'),
        kept,
        JSON.stringify(query),
      )
    }
  })
})
