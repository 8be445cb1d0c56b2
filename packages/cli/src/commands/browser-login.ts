import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApiClient, type RouteResult } from '@flotilla/api'
import { UsageError } from '../exit.ts'
import type { Io } from '../io.ts'

const waitMs = 5 * 60_000

/**
 * Signs in through the browser: the console there, where the person is signed in by whatever way they have, sends a code
 * to this machine's loopback, which is good only together with what this process alone knows (RFC 8252, RFC 7636).
 */
export async function browserLogin(io: Io, server: string): Promise<RouteResult<'session.redeemCommandLine'>> {
  const verifier = randomBytes(32).toString('base64url')
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const code = await receiveCode(io, (port) => {
    const address = `${server}/command-line?port=${port}&challenge=${challenge}`
    io.err(`Open this address in a browser of this machine, if it does not open by itself:\n  ${address}\n`)
    io.openBrowser(address)
  })
  const api = createApiClient({ baseUrl: server })
  return await api.session.redeemCommandLine({ body: { code, verifier }, signal: io.signal })
}

async function receiveCode(io: Io, onListening: (port: number) => void): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const listener = createServer((request, response) => {
    const { port } = listener.address() as AddressInfo // listening on TCP
    const url = URL.parse(request.url ?? '/', `http://127.0.0.1:${port}`)
    const code = url?.pathname === '/' ? url.searchParams.get('code') : null
    // by a name that leads here another site could ask
    if (request.method !== 'GET' || request.headers.host !== `127.0.0.1:${port}` || code === null) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
    response.end('The command line is signed in. You can close this page.\n')
    resolve(code)
  })
  const over = AbortSignal.any([io.signal, AbortSignal.timeout(waitMs)])
  const end = (): void =>
    reject(io.signal.aborted ? io.signal.reason : new UsageError('nobody let the command line in within five minutes'))
  over.addEventListener('abort', end, { once: true })
  try {
    await new Promise<void>((listening, failed) => {
      listener.once('error', failed)
      listener.listen(0, '127.0.0.1', listening)
    })
    onListening((listener.address() as AddressInfo).port)
    return await promise
  } finally {
    over.removeEventListener('abort', end)
    listener.close()
    listener.closeIdleConnections()
  }
}
