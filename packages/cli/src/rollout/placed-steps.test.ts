import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { rolloutDetail, stageView, stepView, targetView } from '../testing/release-fixtures.ts'
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

  test('is that of the stage where its targets have one of the same name', () => {
    const stages = [
      stageView({
        name: 'canary',
        steps: [stepView({ name: 'smoke' })],
        targets: [targetView({ cluster: 'west', steps: [stepView({ name: 'smoke' })] })],
      }),
    ]
    const both = rolloutDetail({ stages })
    assert.equal(placeText(findStep(both, { step: 'smoke' })), 'canary/smoke')
    assert.equal(placeText(findStep(both, { step: 'smoke', target: 'west' })), 'canary/smoke in west/shop')
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
