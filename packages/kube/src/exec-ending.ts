/**
 * Sees to it that a command whose connection is lost never looks like one that went well. kubectl over SPDY takes an
 * error stream that ends without a word for success, and over WebSocket shows a bare protocol error. This reads the
 * frames that pass towards the client, without changing them, and knows what to add when the end comes too early.
 */
export interface ExecEnding {
  /** What passed towards the client after the handshake, in order. */
  push(chunk: Buffer): void
  /** What to send as the end: a failure with this message, or nothing when the command's own result has passed. */
  lastWords(message: string): Buffer
}

const spdy = 'spdy/3.1'
const statusStream = 1
const statusChannel = 3
const finished = 0x01

interface Frame {
  readonly headerBytes: number
  readonly payloadBytes: number
  /** Whether the payload, which begins with this byte, is the command's result. */
  isResult(first: number): boolean
  /** Whether bytes may be made up to complete it: not inside compressed headers. */
  readonly fillable: boolean
}

interface Framing {
  /** Reads a frame's header; undefined while it is not complete. */
  parse(bytes: Buffer): Frame | undefined
  result(status: Buffer): Buffer
}

/** For an exec or attach that was upgraded; undefined for anything else, such as a port-forward or a watch. */
export function createExecEnding(path: string, answer: { upgrade: string; protocol: string }): ExecEnding | undefined {
  if (!/\/pods\/[^/]+\/(?:exec|attach)(?:\?|$)/.test(path)) return undefined
  // Only these versions of the protocol report the result as a Status.
  if (!/^v[45]\.channel\.k8s\.io$/.test(answer.protocol)) return undefined
  return new FrameReader(answer.upgrade.toLowerCase() === spdy ? spdyFraming : webSocketFraming)
}

class FrameReader implements ExecEnding {
  readonly #framing: Framing
  #header: Buffer = Buffer.alloc(0)
  #frame: Frame | undefined
  #left = 0
  #resultPassed = false

  constructor(framing: Framing) {
    this.#framing = framing
  }

  push(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#frame === undefined) {
        at = this.#readHeader(chunk, at)
        continue
      }
      if (this.#left === this.#frame.payloadBytes && this.#frame.isResult(chunk[at] ?? 0)) this.#resultPassed = true
      const taken = Math.min(this.#left, chunk.length - at)
      this.#left -= taken
      at += taken
      if (this.#left === 0) this.#frame = undefined
    }
  }

  lastWords(message: string): Buffer {
    if (this.#resultPassed || this.#header.length > 0) return Buffer.alloc(0)
    if (this.#frame !== undefined && !this.#frame.fillable) return Buffer.alloc(0)
    const status = { metadata: {}, status: 'Failure', reason: 'InternalError', message, code: 500 }
    return Buffer.concat([Buffer.alloc(this.#left), this.#framing.result(Buffer.from(JSON.stringify(status)))])
  }

  #readHeader(chunk: Buffer, at: number): number {
    const before = this.#header.length
    const bytes =
      before === 0 ? chunk.subarray(at, at + 14) : Buffer.concat([this.#header, chunk.subarray(at, at + 14)])
    const frame = this.#framing.parse(bytes)
    if (frame === undefined) {
      this.#header = Buffer.from(bytes)
      return chunk.length
    }
    this.#header = Buffer.alloc(0)
    this.#left = frame.payloadBytes
    this.#frame = frame.payloadBytes === 0 ? undefined : frame
    return at + frame.headerBytes - before
  }
}

/** SPDY/3.1: eight bytes of header; the first bit tells control from data. kubectl opens the error stream first. */
const spdyFraming: Framing = {
  parse: (bytes) => {
    if (bytes.length < 8) return undefined
    const isData = ((bytes[0] ?? 0) & 0x80) === 0
    const isStatus = isData && (bytes.readUInt32BE(0) & 0x7fffffff) === statusStream
    return { headerBytes: 8, payloadBytes: bytes.readUIntBE(5, 3), isResult: () => isStatus, fillable: isData }
  },
  result: (status) => {
    const header = Buffer.alloc(8)
    header.writeUInt32BE(statusStream, 0)
    header[4] = finished
    header.writeUIntBE(status.length, 5, 3)
    return Buffer.concat([header, status])
  },
}

/** WebSocket (RFC 6455) from server to client, unmasked; the first byte of a message names its channel. */
const webSocketFraming: Framing = {
  parse: (bytes) => {
    if (bytes.length < 2) return undefined
    const short = (bytes[1] ?? 0) & 0x7f
    const headerBytes = short === 126 ? 4 : short === 127 ? 10 : 2
    if (bytes.length < headerBytes) return undefined
    const payloadBytes =
      short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short
    const isBinary = ((bytes[0] ?? 0) & 0x0f) === 2
    return { headerBytes, payloadBytes, isResult: (first) => isBinary && first === statusChannel, fillable: isBinary }
  },
  result: (status) => {
    // 1000, as the API server itself closes after a result: for any other code kubectl shows that, not the result.
    const close = Buffer.from([0x88, 2, 0x03, 0xe8])
    return Buffer.concat([webSocketFrame(Buffer.concat([Buffer.from([statusChannel]), status])), close])
  },
}

function webSocketFrame(payload: Buffer): Buffer {
  const { length } = payload
  const size = length < 126 ? [length] : [126, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([0x82, ...size]), payload])
}
