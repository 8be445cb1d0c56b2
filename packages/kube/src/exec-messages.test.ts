import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { createMessageReader, messageFrame } from './exec-messages.ts'

interface Part {
  readonly final: boolean
  readonly opcode: number
  readonly bytes: Uint8Array
  readonly mask: Uint8Array | undefined
}

function encode({ final, opcode, bytes, mask }: Part): Buffer {
  const { length } = bytes
  const size = length < 126 ? [length] : length < 65_536 ? [126, length >> 8, length & 0xff] : [127]
  const head = [(final ? 0x80 : 0) | opcode, (mask === undefined ? 0 : 0x80) | (size[0] ?? 0), ...size.slice(1)]
  const long = Buffer.alloc(length < 65_536 ? 0 : 8)
  if (long.length > 0) long.writeBigUInt64BE(BigInt(length))
  const body = Buffer.from(bytes)
  if (mask !== undefined) for (let at = 0; at < length; at++) body[at] = (body[at] ?? 0) ^ (mask[at % 4] ?? 0)
  return Buffer.concat([Buffer.from(head), long, Buffer.from(mask ?? []), body])
}

/** What a reader gives for bytes that come in pieces of these sizes, joined by channel in their order. */
function read(bytes: Buffer, sizes: readonly number[]): [number, string][] {
  const said: [number, Buffer][] = []
  const reader = createMessageReader((channel, payload) => {
    const last = said.at(-1)
    if (last?.[0] === channel) last[1] = Buffer.concat([last[1], payload])
    else said.push([channel, payload])
  })
  let at = 0
  for (let step = 0; at < bytes.length; step++) {
    const size = sizes[step % sizes.length] ?? 1
    reader.push(bytes.subarray(at, at + size))
    at += size
  }
  return said.map(([channel, payload]) => [channel, payload.toString('hex')])
}

const mask = fc.option(fc.uint8Array({ minLength: 4, maxLength: 4 }), { nil: undefined })
const message = fc.record({
  channel: fc.integer({ min: 0, max: 4 }),
  pieces: fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 4 }),
  mask,
  ping: fc.boolean(),
})

describe('messages of an exec in WebSocket frames', () => {
  test('are the same however they are cut into frames and packets, with pings in between', () => {
    fc.assert(
      fc.property(fc.array(message), fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }), (all, sizes) => {
        const expected: [number, string][] = []
        const frames = all.flatMap(({ channel, pieces, mask: with_, ping }) => {
          const whole = Buffer.concat(pieces)
          if (whole.length > 0) {
            const last = expected.at(-1)
            if (last?.[0] === channel) last[1] += whole.toString('hex')
            else expected.push([channel, whole.toString('hex')])
          }
          const parts = pieces.map((bytes, at) => {
            const first = at === 0
            return encode({
              final: at === pieces.length - 1,
              opcode: first ? 2 : 0,
              bytes: first ? Buffer.concat([Buffer.from([channel]), bytes]) : bytes,
              mask: with_,
            })
          })
          const between = encode({ final: true, opcode: 9, bytes: Buffer.from('ping'), mask: with_ })
          return ping ? parts.flatMap((part) => [part, between]) : parts
        })
        assert.deepEqual(read(Buffer.concat(frames), sizes), expected)
      }),
    )
  })

  test('may be long', () => {
    const bytes = Buffer.alloc(200_000, 'x')
    bytes[0] = 1
    const frame = encode({ final: true, opcode: 2, bytes, mask: undefined })
    const [said] = read(frame, [16_384])
    assert.deepEqual([said?.[0], (said?.[1].length ?? 0) / 2], [1, 199_999])
  })

  test('that are compressed, or of no known kind, are refused: they could not be recorded', () => {
    for (const first of [0xc2, 0xa2, 0x92, 0x83, 0x8b])
      assert.throws(() => createMessageReader(() => undefined).push(Buffer.from([first, 1, 1])), {
        code: 'input.invalid',
      })
  })

  test('are written as they are read', () => {
    for (const words of ['hello', 'w'.repeat(500)])
      assert.deepEqual(read(messageFrame(1, words), [3]), [[1, Buffer.from(words).toString('hex')]])
  })
})
