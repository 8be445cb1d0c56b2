import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { createExecEnding, type ExecEnding } from './exec-ending.ts'

const path = '/api/v1/namespaces/a/pods/b/exec?command=ls'

function spdyFrame(stream: number, payload: Buffer, control = false): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt32BE(control ? 0x80030001 : stream, 0)
  header.writeUIntBE(payload.length, 5, 3)
  return Buffer.concat([header, payload])
}

function webSocketFrame(payload: Buffer): Buffer {
  const { length } = payload
  const size = length < 126 ? [length] : length < 65_536 ? [126, length >> 8, length & 0xff] : undefined
  if (size !== undefined) return Buffer.concat([Buffer.from([0x82, ...size]), payload])
  const long = Buffer.alloc(8)
  long.writeBigUInt64BE(BigInt(length))
  return Buffer.concat([Buffer.from([0x82, 127]), long, payload])
}

const protocols = {
  SPDY: {
    answer: { upgrade: 'SPDY/3.1', protocol: 'v4.channel.k8s.io' },
    output: (bytes: Buffer) => spdyFrame(5, bytes),
    result: (bytes: Buffer) => spdyFrame(1, bytes),
  },
  WebSocket: {
    answer: { upgrade: 'websocket', protocol: 'v5.channel.k8s.io' },
    output: (bytes: Buffer) => webSocketFrame(Buffer.concat([Buffer.from([1]), bytes])),
    result: (bytes: Buffer) => webSocketFrame(Buffer.concat([Buffer.from([3]), bytes])),
  },
}

function pushCut(ending: ExecEnding, bytes: Buffer, cuts: readonly number[]): void {
  let from = 0
  const places = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  for (const place of places) {
    ending.push(bytes.subarray(from, place))
    from = place
  }
}

for (const [name, { answer, output, result }] of Object.entries(protocols)) {
  describe(`an exec over ${name}`, () => {
    const outputs = fc.array(
      fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 120, maxLength: 300 })),
    )
    const cuts = fc.array(fc.nat())

    test('that lost its connection between frames ends as a failure, however the bytes came', () => {
      fc.assert(
        fc.property(outputs, cuts, (all, at) => {
          const ending = createExecEnding(path, answer)
          assert.ok(ending !== undefined)
          pushCut(ending, Buffer.concat(all.map((one) => output(Buffer.from(one)))), at)
          assert.match(ending.lastWords('it was lost').toString('latin1'), /"status":"Failure".*it was lost/)
        }),
      )
    })

    test('whose result has passed gets nothing added', () => {
      fc.assert(
        fc.property(outputs, cuts, (all, at) => {
          const ending = createExecEnding(path, answer)
          assert.ok(ending !== undefined)
          const frames = [...all.map((one) => output(Buffer.from(one))), result(Buffer.from('{"status":"Success"}'))]
          pushCut(ending, Buffer.concat(frames), at)
          assert.equal(ending.lastWords('x').length, 0)
        }),
      )
    })

    test('cut inside output, the frame is completed before the failure', () => {
      const ending = createExecEnding(path, answer)
      const frame = output(Buffer.alloc(100, 'a'))
      ending?.push(frame.subarray(0, frame.length - 30))
      const words = ending?.lastWords('lost') ?? Buffer.alloc(0)
      assert.deepEqual(words.subarray(0, 30), Buffer.alloc(30))
      const fresh = createExecEnding(path, answer)
      fresh?.push(Buffer.concat([frame.subarray(0, frame.length - 30), words]))
      assert.equal(fresh?.lastWords('again').length, 0, 'what was added is a result')
    })

    test('a frame of 70,000 bytes is followed', () => {
      const ending = createExecEnding(path, answer)
      ending?.push(output(Buffer.alloc(70_000, 'b')))
      assert.match(ending?.lastWords('lost').toString('latin1') ?? '', /Failure/)
    })
  })
}

test('nothing is made up inside a header', () => {
  const ending = createExecEnding(path, protocols.SPDY.answer)
  ending?.push(spdyFrame(0, Buffer.alloc(50), true).subarray(0, 20))
  assert.equal(ending?.lastWords('lost').length, 0)
})

test('only exec and attach with a result to tell are looked into', () => {
  const { answer } = protocols.SPDY
  assert.ok(createExecEnding('/api/v1/namespaces/a/pods/b/attach', answer) !== undefined)
  assert.equal(createExecEnding('/api/v1/namespaces/a/pods/b/portforward', answer), undefined)
  assert.equal(createExecEnding('/api/v1/pods?watch=true', answer), undefined)
  assert.equal(createExecEnding(path, { ...answer, protocol: 'v1.channel.k8s.io' }), undefined)
})
