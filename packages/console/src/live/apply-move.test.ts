import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MoveRow, RouteResult } from '@flotilla/api'
import { QueryClient } from '@tanstack/react-query'
import { keys } from '../query/keys.ts'
import { applyMove } from './apply-move.ts'

const row = (name: string, more: Partial<MoveRow> = {}): MoveRow => ({
  project: 'shop',
  name,
  application: 'web',
  author: 'dora',
  createdAt: '2026-01-01T00:00:00Z',
  phase: 'Draining',
  ended: false,
  pairs: [],
  steps: [],
  ...more,
})
const listKey = keys.moves('shop', 'web')
function opened() {
  const client = new QueryClient()
  client.setQueryData<RouteResult<'moves.list'>>(listKey, { items: [row('web-2'), row('web-1')], left: 0 })
  const list = () => client.getQueryState<RouteResult<'moves.list'>>(listKey)
  return { client, list }
}

test('a changed move takes its place among those of its application', () => {
  const { client, list } = opened()
  applyMove(client, { topic: 'moves', key: 'shop/web-1', row: row('web-1', { phase: 'StartingTarget' }) })
  assert.deepEqual(
    list()?.data?.items.map(({ name, phase }) => [name, phase]),
    [
      ['web-2', 'Draining'],
      ['web-1', 'StartingTarget'],
    ],
  )
  assert.equal(list()?.isInvalidated, false)
})

test('a new move, or one that is gone, has the list read again; one of another application does not', () => {
  const { client, list } = opened()
  applyMove(client, { topic: 'moves', key: 'shop/api-1', row: row('api-1', { application: 'api' }) })
  assert.equal(list()?.isInvalidated, false)
  applyMove(client, { topic: 'moves', key: 'shop/web-3', row: row('web-3') })
  assert.equal(list()?.isInvalidated, true)
  const again = opened()
  applyMove(again.client, { topic: 'moves', key: 'shop/web-1', row: null })
  assert.equal(again.list()?.isInvalidated, true)
})
