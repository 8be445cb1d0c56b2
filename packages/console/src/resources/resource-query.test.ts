import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { kindNamed, readFilter, readSort } from './resource-query.ts'

describe('what the address asks for', () => {
  test('is asked of the server', () => {
    const search = new URLSearchParams('q=web&labels=a%3Db&state=Running&state=Failed&namespace=shop&owner=Pod%2Fx')
    assert.deepEqual(readFilter(search, ['east']), {
      q: 'web',
      labels: 'a=b',
      state: ['Running', 'Failed'],
      namespace: 'shop',
      owner: 'Pod/x',
      cluster: ['east'],
    })
  })
  test('of no cluster, where the filter fits none', () =>
    assert.deepEqual(readFilter(new URLSearchParams(), []), { cluster: ['-'] }))
  test('without words that mean nothing', () => {
    assert.deepEqual(readFilter(new URLSearchParams('q=+&labels=a+b&state=&x=y'), undefined), {})
    assert.equal(readSort(new URLSearchParams('sort=colour'), 'events'), '-last')
    assert.equal(readSort(new URLSearchParams('sort=-created'), 'pods'), '-created')
    assert.equal(kindNamed('nothing'), 'pods')
  })
})
