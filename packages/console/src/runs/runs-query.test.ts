import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readMoment, readRunQuery } from './runs-query.ts'

describe('the address of the history of runs', () => {
  test('asks for what it says', () => {
    const search = new URLSearchParams('application=shop&in=west&component=&image=web%3A1&at=2026-05-01T10:00&now=1')
    assert.deepEqual(readRunQuery(search, undefined, 'utc'), {
      application: 'shop',
      image: 'web:1',
      cluster: 'west',
      at: '2026-05-01T10:00:00.000Z',
      running: 'true',
    })
  })

  test('is narrowed by one cluster of the filter, where it names none itself', () => {
    assert.deepEqual(readRunQuery(new URLSearchParams(), ['east'], 'utc'), { cluster: 'east' })
    assert.deepEqual(readRunQuery(new URLSearchParams('in=west'), ['east'], 'utc'), { cluster: 'west' })
    assert.deepEqual(readRunQuery(new URLSearchParams(), ['east', 'west'], 'utc'), {})
  })

  test('leaves out a moment that is none', () => {
    assert.equal(readMoment('yesterday', 'utc'), undefined)
    assert.equal(readMoment('2026-13-41T10:00', 'utc'), undefined)
    assert.equal(readMoment('2026-05-01T10:00:05', 'utc'), '2026-05-01T10:00:05.000Z')
  })
})
