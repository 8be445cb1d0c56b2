import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:tls'
import { apiServerTarget, dialTunnel, tunnelClasses } from '@flotilla/tunnel'

/**
 * A site: what plays its API server (TLS; `SEND n` gives n bytes, all else comes back), and the agent before it, which
 * dials when it is told where. Started by bench/tunnel.ts.
 */
const { cert = '', key = '', ca = '' } = JSON.parse(process.argv[2] ?? '{}') as Record<string, string>
const block = Buffer.alloc(256 * 1024, 'x')

const server = createServer({ cert, key }, (socket) => {
  socket.setNoDelay(true)
  socket.on('error', () => undefined)
  socket.once('data', (first: Buffer) => {
    const wanted = /^SEND (\d+)\n$/.exec(first.toString())?.[1]
    if (wanted === undefined) {
      socket.write(first)
      socket.pipe(socket)
      return
    }
    let left = Number(wanted)
    const send = (): void => {
      while (left > 0) {
        const part = left < block.length ? block.subarray(0, left) : block
        left -= part.length
        if (!socket.write(part)) return void socket.once('drain', send)
      }
      socket.end()
    }
    send()
  })
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo
process.send?.(port)

process.on('message', (at: number) => {
  void (async () => {
    for (const one of tunnelClasses)
      await dialTunnel({
        server: new URL(`https://127.0.0.1:${at}`),
        caPem: ca,
        serverName: 'bench',
        token: 'bench',
        cluster: 'bench',
        class: one,
        version: 'bench',
        epoch: 1,
        env: {},
        signal: new AbortController().signal,
        targetOf: (name) => (name === apiServerTarget ? { host: '127.0.0.1', port } : undefined),
        answer: () => undefined,
      })
  })()
})
process.once('disconnect', () => process.exit(0))
