import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { QueryClient } from '@tanstack/react-query'
import type { ReleaseDetail } from '@flotilla/api'
import { releaseDetails } from '../../dev/fixture-release-rows.ts'
import { keys } from '../query/keys.ts'
import { applyChanges } from './apply-changes.ts'

function opened() {
  const client = new QueryClient()
  const items = releaseDetails().filter(({ name }) => name === 'cart-42' || name === 'search-8')
  const [rolling] = items
  assert.ok(rolling)
  const page = { pages: [{ items, total: 2 }], pageParams: [''] }
  client.setQueryData(keys.releases({}), page)
  client.setQueryData(keys.releases({ phase: ['Rolling'] }), { ...page, pages: [{ items: [rolling], total: 1 }] })
  client.setQueryData(keys.release('shop', 'cart-42'), rolling)
  const namesIn = (query: Parameters<typeof keys.releases>[0]): string[] =>
    client.getQueryData<typeof page>(keys.releases(query))?.pages.flatMap((one) => one.items.map(({ name }) => name)) ??
    []
  const detail = () => client.getQueryState<ReleaseDetail>(keys.release('shop', 'cart-42'))
  return { client, rolling, namesIn, detail }
}

describe('a changed release', () => {
  test('takes its place in lists and on its page, which keeps what only it knows', () => {
    const { client, rolling, namesIn, detail } = opened()
    const { notes, targetList, ...row } = rolling
    const stale = applyChanges(client, [{ topic: 'releases', key: 'shop/cart-42', row: { ...row, title: 'New' } }])
    assert.equal(stale, false)
    assert.deepEqual(namesIn({}), ['cart-42', 'search-8'])
    assert.equal(detail()?.data?.title, 'New')
    assert.equal(detail()?.data?.notes, notes)
    assert.equal(detail()?.data?.targetList, targetList)
    assert.equal(detail()?.isInvalidated, false)
  })

  test('leaves a list that it no longer belongs to, and has its page read again', () => {
    const { client, rolling, namesIn, detail } = opened()
    applyChanges(client, [{ topic: 'releases', key: 'shop/cart-42', row: { ...rolling, phase: 'Active' } }])
    assert.deepEqual(namesIn({ phase: ['Rolling'] }), [])
    assert.deepEqual(namesIn({}), ['cart-42', 'search-8'])
    assert.equal(detail()?.isInvalidated, true)
  })

  test('asks for lists again that it now belongs to, and where it is gone', () => {
    const { client, rolling } = opened()
    const now = { ...rolling, name: 'cart-44' }
    assert.equal(applyChanges(client, [{ topic: 'releases', key: 'shop/cart-44', row: now }]), true)
    assert.equal(applyChanges(client, [{ topic: 'releases', key: 'shop/cart-42', row: null }]), true)
  })
})
