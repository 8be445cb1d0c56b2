import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { keepAliveMessage, readMessage, resizeMessage, stdinMessage } from './exec-frames.ts'

const of = (...bytes: number[]): ArrayBuffer => Uint8Array.from(bytes).buffer

describe('messages of an exec', () => {
  test('carry what is typed, byte for byte as UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const [to, ...bytes] = stdinMessage(text)
        assert.deepEqual([to, Buffer.from(bytes).toString()], [0, text])
      }),
    )
    assert.deepEqual([...keepAliveMessage()], [0])
  })
  test('say the size as the kubelet reads it', () =>
    assert.equal(
      Buffer.from(resizeMessage({ columns: 80, rows: 24 })).toString('latin1'),
      '\u0004{"Width":80,"Height":24}',
    ))
  test('are told apart by their first byte', () => {
    assert.deepEqual(readMessage(of(1, 97)), { kind: 'output', bytes: Uint8Array.of(97) })
    assert.deepEqual(readMessage(of(2, 98)), { kind: 'output', bytes: Uint8Array.of(98) })
    assert.deepEqual(readMessage(of(3, 123, 125)), { kind: 'status', text: '{}' })
    for (const other of [of(), of(0), of(7, 1), of(255, 1)]) assert.deepEqual(readMessage(other), { kind: 'other' })
  })
})
