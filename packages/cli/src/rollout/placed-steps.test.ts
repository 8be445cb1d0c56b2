import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { rolloutDetail } from '../testing/release-fixtures.ts'
import { findStep, placeText } from './placed-steps.ts'

describe('a step that is named', () => {
  const detail = rolloutDetail()

  test('needs no more words than tell it apart', () => {
    assert.equal(placeText(findStep(detail, { step: 'go' })), 'rest/go')
    assert.equal(placeText(findStep(detail, { step: 'smoke', stage: 'canary' })), 'canary/smoke in west/shop')
    assert.equal(
      placeText(findStep(detail, { step: 'smoke', stage: 'rest', target: 'east' })),
      'rest/smoke in east/shop',
    )
  })

  for (const words of [
    { step: 'smoke' },
    { step: 'none' },
    { step: 'smoke', stage: 'none' },
    { step: 'smoke', target: 'north' },
    { step: 'go', target: 'east' },
  ])
    test(`is refused: ${JSON.stringify(words)}`, () =>
      assert.throws(() => findStep(detail, words), { name: 'UsageError' }))
})
