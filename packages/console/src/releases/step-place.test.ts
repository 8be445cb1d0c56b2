import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { placeFields, placeWords, readPlace, writePlace } from './step-place.ts'

const nameOf = ({ cluster }: { cluster: string }): string => cluster
const target = { cluster: 'west', namespace: 'shop' }

describe('a step in the address', () => {
  for (const place of [
    { stage: 'wave', step: 'go' },
    { stage: 'wave', target, step: 'smoke' },
    { stage: 'wave', target },
  ])
    test(`is read as it was written: ${writePlace(place)}`, () => assert.deepEqual(readPlace(writePlace(place)), place))

  test('that says nothing is none', () => assert.equal(readPlace(''), undefined))

  test('is named for people and for the server', () => {
    assert.equal(placeWords({ stage: 'wave', target, step: 'smoke' }, nameOf), 'smoke · west')
    assert.equal(placeWords({ stage: 'wave', target }, nameOf), 'west')
    assert.equal(placeWords({ stage: 'wave', step: 'go' }, nameOf), 'go')
    assert.deepEqual(placeFields({ stage: 'wave', target, step: 'go' }), { stage: 'wave', ...target, step: 'go' })
  })
})
