import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { visibleText } from './visible-text.ts'

describe('text of strangers', () => {
  test('shows terminal escapes instead of obeying them', () => {
    assert.equal(visibleText('\u001b[31mred\u001b[0m\u0007'), '␛[31mred␛[0m␇')
  })
  test('cannot turn the direction of writing', () => assert.equal(visibleText('a\u202eb'), 'a␦b'))
  test('keeps Chinese, emoji and tabs as they are', () => assert.equal(visibleText('订单\t🚀 ok'), '订单\t🚀 ok'))
  test('never holds a control character', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/[^\P{Cc}\t]/u.test(visibleText(text))))
  })
})
