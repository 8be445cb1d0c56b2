import type { Hears, Socket } from './keep-shell.ts'

/** A WebSocket to a path of the console's own origin. */
export function openSocket(path: string, protocols: readonly string[]): Socket {
  const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}${path}`, [...protocols])
  socket.binaryType = 'arraybuffer'
  let hears: Hears | undefined
  socket.addEventListener('open', () => hears?.opened?.())
  socket.addEventListener('close', () => hears?.closed())
  socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (data instanceof ArrayBuffer) hears?.message?.(data)
  })
  return {
    get isOpen() {
      return socket.readyState === WebSocket.OPEN
    },
    send: (data) => socket.send(data),
    close: () => {
      hears = undefined
      socket.close()
    },
    listen: (next) => {
      hears = next
    },
  }
}
