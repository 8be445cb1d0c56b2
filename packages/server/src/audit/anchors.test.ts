import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { type Anchor, joinAnchors, readAnchors, thinAnchors, writeAnchors } from './anchors.ts'

const anchor = (number: number): Anchor => ({
  number,
  sequence: number * 7,
  hash: number.toString(16).padStart(64, '0'),
  at: '2026-01-01T00:00:00.000Z',
})

describe('anchors', () => {
  test('are bounded, keep the newest, and thin the same one at a time as all at once', () => {
    let kept: Anchor[] = []
    for (let number = 1; number <= 20_000; number++) kept = thinAnchors([...kept, anchor(number)])
    assert.ok(kept.length < 400, `${kept.length}`)
    assert.deepEqual(
      kept.slice(-64),
      Array.from({ length: 64 }, (_, at) => anchor(20_000 - 63 + at)),
    )
    assert.deepEqual(kept, thinAnchors(Array.from({ length: 20_000 }, (_, at) => anchor(at + 1))))
    assert.ok(writeAnchors(kept).length < 64 * 1024)
  })

  test('read back as they were written; what is no anchor is left out', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 1e9 })), (numbers) => {
        const anchors = numbers.map(anchor)
        assert.deepEqual(readAnchors(writeAnchors(anchors)), anchors)
      }),
    )
    assert.deepEqual(readAnchors('1 2 xyz now\n\n'), [])
  })

  test('one that somebody changed does not take the place of the one that is known', () => {
    const forged = { ...anchor(2), hash: 'f'.repeat(64) }
    assert.deepEqual(joinAnchors([anchor(1), anchor(2)], [forged, anchor(3)]), [anchor(1), anchor(2), anchor(3)])
  })
})
