import { FlotillaError } from '@flotilla/model'

/** What passes in one direction of an exec, payload by payload, as it comes: a long message is given in pieces. */
export interface MessageReader {
  /** Fails (`input.invalid`) for what is not these frames: what cannot be read cannot be recorded. */
  push(chunk: Uint8Array): void
}

const binary = 2
const longestHeader = 14

interface Frame {
  readonly final: boolean
  readonly opcode: number
  readonly mask: Uint8Array | undefined
  readonly payloadBytes: number
  readonly headerBytes: number
}

/**
 * Reads WebSocket frames (RFC 6455) of v4.channel.k8s.io and v5.channel.k8s.io: the first byte of a message names its
 * channel. The bytes themselves are not changed.
 */
export function createMessageReader(onPayload: (channel: number, bytes: Buffer) => void): MessageReader {
  let header = Buffer.alloc(0)
  let frame: Frame | undefined
  let passed = 0
  /** Of the message that is under way; undefined before its first byte. */
  let channel: number | undefined

  function payload(bytes: Uint8Array): void {
    const { mask, opcode } = frame ?? {}
    const plain = Buffer.from(bytes)
    if (mask !== undefined)
      for (let at = 0; at < plain.length; at++) plain[at] = (plain[at] ?? 0) ^ (mask[(passed + at) % 4] ?? 0)
    passed += plain.length
    // pings, pongs and closes are of the connection, not of the shell
    if (opcode === undefined || opcode >= 8 || plain.length === 0) return
    if (channel !== undefined) return onPayload(channel, plain)
    channel = plain[0]
    if (channel !== undefined && plain.length > 1) onPayload(channel, plain.subarray(1))
  }

  function finish({ final, opcode }: Frame): void {
    frame = undefined
    passed = 0
    if (final && opcode < 8) channel = undefined
  }

  return {
    push: (chunk) => {
      let at = 0
      while (at < chunk.length) {
        if (frame === undefined) {
          const before = header.length
          const bytes = Buffer.concat([header, chunk.subarray(at, at + longestHeader - before)])
          const read = parseFrame(bytes)
          if (read === undefined) {
            header = bytes
            return
          }
          header = Buffer.alloc(0)
          at += read.headerBytes - before
          frame = read
          if (read.payloadBytes === 0) finish(read)
          continue
        }
        const taken = Math.min(frame.payloadBytes - passed, chunk.length - at)
        payload(chunk.subarray(at, at + taken))
        at += taken
        if (passed === frame.payloadBytes) finish(frame)
      }
    },
  }
}

/** Undefined while the header is not complete. */
function parseFrame(bytes: Buffer): Frame | undefined {
  const [first, second] = bytes
  if (first === undefined || second === undefined) return undefined
  const opcode = first & 0x0f
  if ((first & 0x70) !== 0 || (opcode > binary && opcode < 8) || opcode > 10) throw unreadable()
  const short = second & 0x7f
  const masked = (second & 0x80) !== 0
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0
  const headerBytes = 2 + lengthBytes + (masked ? 4 : 0)
  if (bytes.length < headerBytes) return undefined
  const payloadBytes = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short
  if (!Number.isSafeInteger(payloadBytes)) throw unreadable()
  const mask = masked ? Uint8Array.from(bytes.subarray(headerBytes - 4, headerBytes)) : undefined
  return { final: (first & 0x80) !== 0, opcode, mask, payloadBytes, headerBytes }
}

/** A message to the client, whole. */
export function messageFrame(channel: number, words: string): Buffer {
  const payload = Buffer.concat([Buffer.from([channel]), Buffer.from(words)])
  const { length } = payload
  const size = length < 126 ? [length] : [126, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([0x80 | binary, ...size]), payload])
}

const unreadable = (): FlotillaError =>
  new FlotillaError('input.invalid', {
    message: 'The connection carries frames that cannot be recorded',
    remedy: 'Use kubectl 1.31 or newer, or the terminal of the console',
  })
