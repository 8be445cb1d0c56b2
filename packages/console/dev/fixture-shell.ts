import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

/**
 * A made-up shell behind the address of an exec: it echoes, knows `size`, `exit` and `drop`, and speaks just enough of
 * WebSocket (RFC 6455) for a browser. Pods called `distroless` have no shell, those called `secret` are not for the reader.
 */
export function serveShell(request: IncomingMessage, socket: Duplex): void {
  const path = request.url ?? ''
  socket.on('error', () => undefined)
  if (/\/pods\/secret\//.test(path)) return void socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n')
  const key = String(request.headers['sec-websocket-key'])
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  const [protocol = ''] = String(request.headers['sec-websocket-protocol']).split(',')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\nsec-websocket-protocol: ${protocol}\r\n\r\n`,
  )
  const say = (channel: number, text: string): void => void socket.write(frameOf(channel, text))
  const end = (status: object): void => {
    say(3, JSON.stringify(status))
    socket.end(Buffer.from([0x88, 2, 0x03, 0xe8]))
  }
  if (/\/pods\/distroless\//.test(path))
    return end({ status: 'Failure', message: 'exec: "sh": executable file not found in $PATH' })
  let size = ''
  let line = ''
  say(1, '\u001b]0;not the title\u0007\u001b]52;c;bm90IHlvdXJz\u0007$ ')
  const run = (command: string): void => {
    if (command === 'exit') return end({ status: 'Success' })
    if (command === 'drop') return void socket.destroy()
    say(1, `${command === 'size' ? size : `ran ${command}`}\r\n$ `)
  }
  let waiting: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    waiting = Buffer.concat([waiting, chunk])
    for (;;) {
      const frame = takeFrame(waiting)
      if (frame === undefined) return
      waiting = frame.rest
      if (frame.opcode === 8) {
        socket.end()
        return
      }
      const [channel] = frame.payload
      const text = frame.payload.toString('utf8', 1)
      if (channel === 4) size = text
      if (channel !== 0) continue
      for (const letter of text) {
        if (letter !== '\r') {
          line += letter
          say(1, letter)
          continue
        }
        say(1, '\r\n')
        run(line)
        line = ''
      }
    }
  })
}

function frameOf(channel: number, text: string): Buffer {
  const payload = Buffer.concat([Buffer.from([channel]), Buffer.from(text)])
  const { length } = payload
  const size = length < 126 ? [length] : [126, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([0x82, ...size]), payload])
}

/** A whole frame of a browser, unmasked; what it sends here is short. */
function takeFrame(bytes: Buffer): { opcode: number; payload: Buffer; rest: Buffer } | undefined {
  if (bytes.length < 6) return undefined
  const short = (bytes[1] ?? 0) & 0x7f
  const head = short === 126 ? 4 : 2
  const length = short === 126 ? bytes.readUInt16BE(2) : short
  const end = head + 4 + length
  if (bytes.length < end) return undefined
  const mask = bytes.subarray(head, head + 4)
  const payload = Buffer.from(bytes.subarray(head + 4, end))
  for (let at = 0; at < payload.length; at++) payload[at] = (payload[at] ?? 0) ^ (mask[at % 4] ?? 0)
  return { opcode: (bytes[0] ?? 0) & 0x0f, payload, rest: bytes.subarray(end) }
}

/** What the API server would answer beside it. */
export function answerKubernetes(path: string): { status: number; body: unknown } {
  if (path.includes('/pods/secret'))
    return { status: 403, body: { kind: 'Status', status: 'Failure', message: 'pods "secret" is forbidden' } }
  if (path.includes('/exec')) return { status: 400, body: { status: 'Failure', message: 'Upgrade request required' } }
  return { status: 200, body: { spec: { containers: [{ name: 'web' }, { name: 'proxy' }] } } }
}
