import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { createFormat, spanParts } from './format.ts'

const minute = 60_000
const en = createFormat('en', 'utc')
const zh = createFormat('zh-CN', 'utc')

describe('a span of time', () => {
  test('is told in at most two units, the larger first', () => {
    assert.equal(en.duration(4 * minute + 5000), '4 min')
    assert.equal(en.duration(130 * minute), '2 hr 10 min')
    assert.equal(zh.duration(130 * minute), '2小时 10分钟')
    assert.equal(en.duration(65_000), '1 min 5 sec')
    assert.equal(en.duration(0), '0 sec')
  })

  test('never loses more than the smallest unit told', () => {
    fc.assert(
      fc.property(fc.nat({ max: 400 * 86_400_000 }), (ms) => {
        const size = { day: 86_400_000, hour: 3_600_000, minute, second: 1000 }
        const parts = spanParts(ms)
        const told = parts.reduce((sum, [unit, count]) => sum + count * size[unit], 0)
        const smallest = size[parts.at(-1)?.[0] ?? 'second']
        assert.ok(parts.length <= 2 && told <= ms)
        assert.ok(ms - told < (parts.length === 2 ? Math.max(smallest, 1000) : size.hour * 24))
      }),
    )
  })
})

describe('a time', () => {
  const now = Date.parse('2026-03-05T10:31:00Z')
  test('is the clock today and has its date on another day', () => {
    assert.equal(en.time('2026-03-05T09:00:01Z', now), '09:00:01 UTC')
    assert.match(en.time('2026-03-04T09:00:01Z', now), /03\/04\/2026 09:00:01 UTC/)
  })
  test('is told as long ago in the reader’s language', () => {
    assert.equal(en.ago('2026-03-05T10:27:00Z', now), '4 min ago')
    assert.equal(zh.ago('2026-03-05T10:27:00Z', now), '4分钟前')
    assert.equal(en.ago('2026-03-05T10:31:02Z', now), 'now')
    assert.equal(en.ago('2026-03-05T10:32:00Z', now), 'in 1 min')
  })
  test('has milliseconds in a log line', () => assert.equal(en.clock('2026-03-05T10:35:01.204Z'), '10:35:01.204'))
})

describe('a quantity', () => {
  test('has the unit that fits', () => {
    assert.equal(en.bytes(1536 * 1024 * 1024), '1.5 GiB')
    assert.equal(en.bytes(12), '12 B')
    assert.equal(en.cores(2500), '2.5')
  })
})

describe('a list', () => {
  test('reads as one writes it', () => {
    assert.equal(en.list(['stage', 'hub', 'east']), 'stage, hub, and east')
    assert.equal(zh.list(['stage', 'hub', 'east']), 'stage、hub、east')
  })
})
