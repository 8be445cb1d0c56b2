/**
 * The messages of v4.channel.k8s.io and v5.channel.k8s.io: the first byte of each names its channel (Kubernetes,
 * staging/src/k8s.io/apimachinery/pkg/util/remotecommand).
 */
export const execProtocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const

const channel = { stdin: 0, stdout: 1, stderr: 2, status: 3, resize: 4 } as const

export interface Size {
  readonly columns: number
  readonly rows: number
}

export type ExecMessage =
  | { readonly kind: 'output'; readonly bytes: Uint8Array }
  | { readonly kind: 'status'; readonly text: string }
  | { readonly kind: 'other' }

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const stdinMessage = (text: string): Uint8Array<ArrayBuffer> => message(channel.stdin, encoder.encode(text))

/** Keeps a connection on which nobody types from being taken for dead by what stands between. */
export const keepAliveMessage = (): Uint8Array<ArrayBuffer> => message(channel.stdin, new Uint8Array())

export const resizeMessage = ({ columns, rows }: Size): Uint8Array<ArrayBuffer> =>
  message(channel.resize, encoder.encode(JSON.stringify({ Width: columns, Height: rows })))

export function readMessage(data: ArrayBuffer): ExecMessage {
  const bytes = new Uint8Array(data)
  const [from] = bytes
  if (from === channel.stdout || from === channel.stderr) return { kind: 'output', bytes: bytes.subarray(1) }
  if (from === channel.status) return { kind: 'status', text: decoder.decode(bytes.subarray(1)) }
  return { kind: 'other' }
}

function message(to: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(payload.length + 1)
  bytes[0] = to
  bytes.set(payload, 1)
  return bytes
}
