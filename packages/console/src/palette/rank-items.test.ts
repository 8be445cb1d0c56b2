import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { allowed } from '../actions/action.ts'
import { type PaletteItem, rankItems } from './rank-items.ts'

const item = (label: string, group: PaletteItem['group'] = 'actions', words: string[] = []): PaletteItem => ({
  id: label,
  label,
  group,
  words,
  may: allowed,
  run: () => undefined,
})
const labels = (items: readonly PaletteItem[]) => items.map(({ label }) => label)

describe('the command palette', () => {
  test('puts what begins with the text before what holds it', () => {
    assert.deepEqual(labels(rankItems([item('reshop'), item('web shop'), item('shop')], 'shop')), [
      'shop',
      'web shop',
      'reshop',
    ])
  })
  test('finds letters in their order', () => {
    assert.deepEqual(labels(rankItems([item('New application…'), item('Add cluster')], 'neap')), ['New application…'])
  })
  test('finds Chinese, and an action by its name in the other language', () => {
    assert.deepEqual(
      labels(rankItems([item('新建应用…', 'actions', ['New application']), item('添加集群…')], '应用')),
      ['新建应用…'],
    )
    assert.deepEqual(labels(rankItems([item('新建应用…', 'actions', ['New application'])], 'new')), ['新建应用…'])
  })
  test('keeps objects before places before actions', () => {
    const items = [item('a', 'actions'), item('a', 'places'), item('a', 'clusters'), item('a', 'applications')]
    assert.deepEqual(
      rankItems(items, 'a').map(({ group }) => group),
      ['applications', 'clusters', 'places', 'actions'],
    )
  })
  test('shows some of every group for an empty text', () => {
    const many = Array.from({ length: 99 }, (_, index) => item(String(index), 'clusters'))
    assert.equal(rankItems([...many, item('sync')], '').length, 9)
  })
})
