import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AsciicastEvent, AsciicastHeader } from '@flotilla/api/contract'
import * as fc from 'fast-check'
import { createAsciicast, headerLine } from './asciicast.ts'

const parse = (text: string): AsciicastEvent[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => AsciicastEvent.parse(JSON.parse(line)))

describe('an asciicast', () => {
  test('begins with its header, on one line', () => {
    const header = { version: 2, width: 80, height: 24, timestamp: 1_700_000_000, title: 'ana\nin east' } as const
    const line = headerLine(header)
    assert.deepEqual([line.match(/\n/g)?.length, AsciicastHeader.parse(JSON.parse(line))], [1, header])
  })

  test('holds what was shown and typed, whatever pieces it came in, in order of time', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 40 }),
        fc.string({ unit: 'grapheme', maxLength: 40 }),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.boolean(), fc.integer({ min: -50, max: 50 }))),
        (shown, typed, steps) => {
          let now = 0
          const cast = createAsciicast(() => now)
          const left = { o: Buffer.from(shown), i: Buffer.from(typed) }
          let text = ''
          for (const [bytes, out, ms] of [...steps, [99_999, true, 1], [99_999, false, 1]] as const) {
            now += ms
            const code = out ? 'o' : 'i'
            const piece = left[code].subarray(0, bytes)
            left[code] = left[code].subarray(piece.length)
            text += out ? cast.output(piece) : cast.input(piece)
          }
          const events = parse(text + cast.end())
          const said = (code: string) => events.flatMap(([, of, words]) => (of === code ? [words] : [])).join('')
          assert.deepEqual([said('o'), said('i')], [Buffer.from(shown).toString(), Buffer.from(typed).toString()])
          assert.ok(events.every(([at], index) => at >= (events[index - 1]?.[0] ?? 0)))
        },
      ),
    )
  })

  test('has a size once, and what is no UTF-8 as such', () => {
    const cast = createAsciicast(() => 1_234.5)
    const text = cast.resize(100, 40) + cast.resize(100, 40) + cast.output(Buffer.from([0xff, 0x41])) + cast.marker('x')
    assert.deepEqual(parse(text), [
      [1.235, 'r', '100x40'],
      [1.235, 'o', '\ufffdA'],
      [1.235, 'm', 'x'],
    ])
  })
})
