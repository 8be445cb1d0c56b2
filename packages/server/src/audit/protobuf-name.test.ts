import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { nameInProtobuf } from './protobuf-name.ts'

const field = (number: number, bytes: Buffer): Buffer => Buffer.concat([Buffer.of(number * 8 + 2, bytes.length), bytes])

test('the name is found in what kubectl sends as protobuf, and nothing in anything else', () => {
  const metadata = Buffer.concat([field(1, Buffer.from('audit-try')), field(3, Buffer.from('default'))])
  const object = Buffer.concat([field(1, metadata), field(2, Buffer.from('secret'))])
  const type = Buffer.concat([field(1, Buffer.from('v1')), field(2, Buffer.from('Secret'))])
  const body = Buffer.concat([Buffer.from('k8s\0'), field(1, type), field(2, object), field(3, Buffer.alloc(0))])
  assert.equal(nameInProtobuf(body), 'audit-try')
  for (let length = 0; length < body.length - 2; length++)
    assert.equal(nameInProtobuf(body.subarray(0, length)), undefined)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      nameInProtobuf(Buffer.concat([Buffer.from('k8s\0'), bytes]))
      assert.equal(nameInProtobuf(Buffer.from(bytes.map((byte) => byte & 0x3f))), undefined)
    }),
  )
})
