import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isFiltered, readReleaseQuery, waitsOnly } from './release-query.ts'

const read = (text: string) => readReleaseQuery(new URLSearchParams(text))

describe('the address of the list of releases', () => {
  test('asks the server for what it says, without words that mean nothing', () => {
    assert.deepEqual(read('q=%20shop%20&phase=Frozen&phase=Melted&project=shop&application=shop&sort=loud'), {
      q: 'shop',
      project: ['shop'],
      application: ['shop'],
      phase: ['Frozen'],
    })
    assert.deepEqual(read('sort=-name'), { sort: '-name' })
  })

  test('asks for what is rolling out where only what waits for approval is wanted', () => {
    const search = new URLSearchParams('waits=approval&phase=Draft')
    assert.equal(waitsOnly(search), true)
    assert.deepEqual(readReleaseQuery(search), { phase: ['Rolling'] })
  })

  test('tells a narrowed list from a sorted one', () => {
    assert.equal(isFiltered(read('sort=name')), false)
    assert.equal(isFiltered(read('q=a')), true)
  })
})
