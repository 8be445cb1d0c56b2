import { X509Certificate } from 'node:crypto'
import { request as ask, Agent } from 'node:https'
import { createServer } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTestCertificate } from '../../packages/kube/src/testing/certificates.ts'
import { connectionOf } from '../../packages/kube/src/testing/connection-of.ts'

/** One request that somebody made of an API server. */
export interface CountedRequest {
  readonly method: string
  readonly path: string
  /** The first word of the user agent. */
  readonly agent: string
  readonly at: number
}

export interface CountingProxy extends AsyncDisposable {
  readonly host: string
  /** Leads to the API server through the proxy, with the same identity. */
  readonly kubeconfig: string
  readonly seen: CountedRequest[]
}

/** A relay before an API server that writes down every request. Who shows a token is passed on as that; who does not, as the kubeconfig's own identity. */
export async function openCountingProxy(kubeconfig: string): Promise<CountingProxy> {
  const connection = connectionOf(kubeconfig)
  const upstream = new URL(connection.server)
  const { auth, caPem } = connection
  if (auth.kind !== 'certificate') throw new Error('the kubeconfig of the fleet has a client certificate')
  const trust = { ca: caPem, keepAlive: true }
  const asTold = new Agent(trust)
  const asAdministrator = new Agent({ ...trust, cert: auth.certPem, key: auth.keyPem })
  const seen: CountedRequest[] = []

  const authority = createTestCertificate({ name: 'bench' })
  const own = createTestCertificate({ name: '127.0.0.1', issuer: authority, ipAddresses: ['127.0.0.1'] })
  const server = createServer({ cert: own.certPem, key: own.keyPem }, relay)
  server.requestTimeout = 0
  server.keepAliveTimeout = 120_000

  function relay(request: IncomingMessage, response: ServerResponse): void {
    const { method = 'GET', url = '/', headers } = request
    seen.push({ method, path: url, agent: headers['user-agent']?.split(' ')[0] ?? '', at: performance.now() })
    const { host: _host, connection: _connection, ...passed } = headers
    const agent = headers.authorization === undefined ? asAdministrator : asTold
    const asked = ask({ hostname: upstream.hostname, port: upstream.port, method, path: url, headers: passed, agent })
    asked.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      response.flushHeaders()
      answer.pipe(response)
      answer.on('error', () => response.destroy())
    })
    asked.on('error', () => response.destroy())
    response.on('close', () => asked.destroy())
    request.pipe(asked)
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    host,
    kubeconfig: kubeconfigFor(`https://${host}`, new X509Certificate(authority.certPem).toString()),
    seen,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      asTold.destroy()
      asAdministrator.destroy()
    },
  }

  function kubeconfigFor(address: string, authorityPem: string): string {
    const base64 = (text: string): string => Buffer.from(text).toString('base64')
    const cluster = { server: address, 'certificate-authority-data': base64(authorityPem) }
    const user = {
      'client-certificate-data': base64(auth.kind === 'certificate' ? auth.certPem : ''),
      'client-key-data': base64(auth.kind === 'certificate' ? auth.keyPem : ''),
    }
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'bench',
      clusters: [{ name: 'bench', cluster }],
      users: [{ name: 'bench', user }],
      contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
    })
  }
}
