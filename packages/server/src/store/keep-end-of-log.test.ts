import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { keepEndOfLog } from './keep-end-of-log.ts'

test('keeps a log that fits as it is', () => {
  assert.equal(keepEndOfLog('a\nb', 3), 'a\nb')
})

test('keeps the last whole lines of a long one, and says how much is gone', () => {
  const text = Array.from({ length: 100 }, (_, at) => `line ${at}\n`).join('')
  const [notice, ...lines] = keepEndOfLog(text, 200).split('\n')
  assert.deepEqual(lines.slice(-2), ['line 99', ''])
  const dropped = Number(/dropped (\d+) bytes/.exec(notice ?? '')?.[1])
  assert.equal(dropped + Buffer.byteLength(lines.join('\n')), Buffer.byteLength(text))
  assert.match(lines[0] ?? '', /^line \d+$/)
})

test('keeps the end of any text, never more than asked, and cuts no character', () => {
  const text = fc.string({ unit: 'binary', minLength: 200, maxLength: 900 })
  fc.assert(
    fc.property(text, fc.integer({ min: 130, max: 600 }), (text, most) => {
      const kept = keepEndOfLog(text, most)
      assert.ok(Buffer.byteLength(kept) <= most)
      const rest = kept === text ? text : kept.slice(kept.indexOf('\n') + 1)
      assert.ok(text.endsWith(rest))
    }),
  )
})
