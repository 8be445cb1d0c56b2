import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { FlotillaError } from '@flotilla/model'
import type { KubeClient } from '../kube-client.ts'
import { proxyRequest, type ProxyOutcome } from '../proxy.ts'
import { proxyUpgrade } from '../proxy-upgrade.ts'

/** A server that passes everything on to a cluster, as Flotilla's own does after authorising. */
export interface ProxyServer extends AsyncDisposable {
  readonly port: number
  /** Of every exchange that has ended. */
  readonly outcomes: ProxyOutcome[]
  readonly errors: FlotillaError[]
  /** Ends what is open, as when a right is taken away. */
  readonly stop: AbortController
}

export async function createProxyServer(client: (request: IncomingMessage) => KubeClient): Promise<ProxyServer> {
  const outcomes: ProxyOutcome[] = []
  const errors: FlotillaError[] = []
  const stop = new AbortController()
  const sockets = new Set<Socket>()
  const target = (request: IncomingMessage) => ({ path: request.url ?? '/', signal: stop.signal, timeoutMs: 10_000 })
  const server = createServer((request, response) => {
    proxyRequest(client(request), { request, response }, target(request)).then(
      (outcome) => outcomes.push(outcome),
      (thrown: unknown) => {
        errors.push(thrown as FlotillaError)
        if (!response.headersSent) response.writeHead(thrown instanceof FlotillaError ? thrown.status : 500)
        response.end()
      },
    )
  })
  server.on('upgrade', (request, socket, head) => {
    proxyUpgrade(client(request), { request, socket, head }, target(request)).then(
      (outcome) => outcomes.push(outcome),
      (thrown: unknown) => {
        errors.push(thrown as FlotillaError)
        socket.end(
          `HTTP/1.1 ${thrown instanceof FlotillaError ? thrown.status : 500} Refused\r\nconnection: close\r\n\r\n`,
        )
      },
    )
  })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    outcomes,
    errors,
    stop,
    [Symbol.asyncDispose]: async () => {
      sockets.forEach((socket) => socket.destroy())
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
