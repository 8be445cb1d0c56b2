import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isFiltered, readListQuery } from './list-query.ts'

const read = (text: string, clusters?: string[]) => readListQuery(new URLSearchParams(text), clusters)

describe('the filters of the applications', () => {
  test('come from the address', () => {
    assert.deepEqual(read('q=web&health=Failed&health=Degraded&project=shop&sort=-changed', ['east']), {
      q: 'web',
      health: ['Failed', 'Degraded'],
      project: ['shop'],
      cluster: ['east'],
      sort: '-changed',
    })
  })
  test('leave out what means nothing', () => assert.deepEqual(read('q=++&health=Sick&sort=mass&project='), {}))
  test('tell a narrowed list from a whole one', () => {
    assert.equal(isFiltered(read('sort=health')), false)
    assert.equal(isFiltered(read('q=a')), true)
    assert.equal(isFiltered(read('', [])), true)
  })
})
