import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AsciicastEvent } from '@flotilla/api'
import fc from 'fast-check'
import { clockText, passedAt, readTimeline, stepsOf } from './timeline.ts'

const header = { version: 2, width: 80, height: 24, timestamp: 0, title: 'ana in east' } as const

describe('the timeline of a recording', () => {
  test('keeps order, shortens pauses, and knows what is over at any time', () => {
    const event = fc.tuple(fc.double({ min: 0, max: 1e5, noNaN: true }), fc.constant('o' as const), fc.string())
    fc.assert(
      fc.property(fc.array(event), fc.double({ min: 0, max: 1e5, noNaN: true }), (given, at) => {
        const events: AsciicastEvent[] = given.toSorted(([a], [b]) => a - b)
        const timeline = readTimeline([header, ...events])
        assert.ok(timeline)
        const { times, seconds } = timeline
        assert.ok(
          times.every((time, index) => time - (times[index - 1] ?? 0) >= 0 && time - (times[index - 1] ?? 0) <= 2.001),
        )
        assert.equal(passedAt(timeline, at), times.filter((time) => time <= at).length)
        assert.equal(passedAt(timeline, seconds), times.length)
      }),
    )
    assert.equal(readTimeline([]), undefined)
    assert.equal(readTimeline([[0, 'o', 'no header']]), undefined)
  })
  test('is shown in few steps, without what was typed', () => {
    assert.deepEqual(
      stepsOf([
        [0, 'o', 'a'],
        [1, 'i', 'secret'],
        [1, 'o', 'b'],
        [2, 'r', '100x40'],
        [2, 'r', 'nonsense'],
        [3, 'o', 'c'],
      ]),
      [
        { kind: 'text', text: 'ab' },
        { kind: 'size', columns: 100, rows: 40 },
        { kind: 'text', text: 'c' },
      ],
    )
  })
  test('is read as minutes and seconds', () =>
    assert.deepEqual([0, 61.9, 600].map(clockText), ['0:00', '1:01', '10:00']))
})
