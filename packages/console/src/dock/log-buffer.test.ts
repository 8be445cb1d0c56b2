import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { appendLines, chunkLines, emptyLog, type LogBuffer, type LogLine, mostChunks, mostHeld } from './log-buffer.ts'

const lines = (from: number, count: number): LogLine[] =>
  Array.from({ length: count }, (_, index) => ({
    id: from + index,
    cluster: 'east',
    pod: 'web-1',
    text: 'x',
    kind: 'line',
  }))
const ids = (buffer: LogBuffer) => buffer.chunks.flatMap((chunk) => chunk.lines.map((line) => line.id))

describe('the buffer of a log view', () => {
  test('keeps the newest lines in order, counts the others, whatever comes and however it is frozen', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(700), fc.boolean()), { maxLength: 30 }), (steps) => {
        let buffer = emptyLog
        let sent = 0
        for (const [count, frozen] of steps) {
          buffer = appendLines(buffer, lines(sent, count), frozen)
          sent += count
        }
        buffer = appendLines(buffer, [], false)
        const kept = ids(buffer)
        assert.equal(kept.length, buffer.count)
        assert.equal(buffer.count + buffer.trimmed, sent)
        assert.ok(buffer.chunks.length <= mostChunks)
        assert.ok(kept.every((id, index) => index === 0 || id > (kept[index - 1] ?? -1)))
        if (kept.length > 0) assert.equal(kept.at(-1), sent - 1)
      }),
    )
  })
  test('does not touch full chunks when lines come', () => {
    const before = appendLines(emptyLog, lines(0, chunkLines + 5), false)
    const after = appendLines(before, lines(200, 3), false)
    assert.equal(after.chunks[0], before.chunks[0])
    assert.notEqual(after.chunks[1], before.chunks[1])
  })
  test('shows what several pods said before as it happened, notes behind their line', () => {
    const said = (id: number, at?: string): LogLine => ({ id, at, cluster: 'east', pod: 'p', text: 'x', kind: 'line' })
    const first = appendLines(
      emptyLog,
      [said(1, '2026-01-01T00:00:02Z'), said(2, '2026-01-01T00:00:05Z'), said(3)],
      false,
    )
    const both = appendLines(first, [said(4, '2026-01-01T00:00:01Z'), said(5, '2026-01-01T00:00:06Z')], false)
    assert.deepEqual(ids(both), [4, 1, 2, 3, 5])
    assert.equal(both.count, 5)
  })
  test('shows nothing new while frozen, and bounds what it holds back', () => {
    const before = appendLines(emptyLog, lines(0, 10), false)
    const frozen = appendLines(before, lines(10, mostHeld + 7), true)
    assert.equal(frozen.chunks, before.chunks)
    assert.equal(frozen.held.length, mostHeld)
    assert.equal(frozen.trimmed, 7)
  })
})
