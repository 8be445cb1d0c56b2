import { once } from 'node:events'
import { createServer } from 'node:http'

/** For the kubelet: /healthz while this process turns, /readyz while the server is reached. */
export async function serveHealth(port: number, isReady: () => boolean, signal: AbortSignal): Promise<number> {
  const server = createServer({ requestTimeout: 5_000 }, (request, response) => {
    const good = request.url === '/healthz' || (request.url === '/readyz' && isReady())
    response.writeHead(good ? 200 : request.url === '/readyz' ? 503 : 404, { connection: 'close' })
    response.end(good ? 'ok\n' : 'not connected\n')
  })
  server.maxConnections = 16
  server.listen(port)
  await once(server, 'listening')
  signal.addEventListener('abort', () => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}
