import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { computeRowWindow } from './row-window.ts'

describe('the window over a long list', () => {
  test('draws what is seen and keeps the height of the whole', () => {
    fc.assert(
      fc.property(
        fc.nat(10_000),
        fc.nat(400_000),
        fc.integer({ min: 32, max: 2000 }),
        (count, scrollTop, viewHeight) => {
          const rowHeight = 32
          const { first, end, above, below } = computeRowWindow({
            count,
            rowHeight,
            scrollTop,
            viewHeight,
            overscan: 8,
          })
          assert.equal(above + (end - first) * rowHeight + below, count * rowHeight)
          assert.ok(end - first <= Math.ceil(viewHeight / rowHeight) + 18)
          const firstSeen = Math.floor(scrollTop / rowHeight)
          if (firstSeen < count) assert.ok(first <= firstSeen && end > firstSeen)
        },
      ),
    )
  })
})
