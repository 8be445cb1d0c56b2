import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import { connect as connectTcp, createServer as createTcpServer, type AddressInfo } from 'node:net'
import { Duplex } from 'node:stream'
import { describe, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { FlotillaError } from '@flotilla/model'
import { createKubeClient } from './client.ts'
import type { ClusterConnection } from './connection.ts'
import { createTestCertificate } from './testing/certificates.ts'

const authority = createTestCertificate({ name: 'cluster-ca' })
const clientPair = createTestCertificate({ name: 'flotilla', issuer: authority, dnsNames: ['client'] })

interface TlsServer extends AsyncDisposable {
  readonly port: number
  readonly handshakes: { full: number; resumed: number }
  readonly seen: { subject: string | string[] | undefined; servername: string | false | undefined }[]
}

async function tlsServer(options: Partial<Parameters<typeof createTestCertificate>[0]> = {}): Promise<TlsServer> {
  const pair = createTestCertificate({ name: 'api', issuer: authority, ipAddresses: ['127.0.0.1'], ...options })
  const handshakes = { full: 0, resumed: 0 }
  const seen: TlsServer['seen'] = []
  const tls = {
    cert: pair.certPem,
    key: pair.keyPem,
    ca: authority.certPem,
    requestCert: true,
    rejectUnauthorized: false,
  }
  const server: Server = createServer(tls, (request, response) => {
    const socket = request.socket as TLSSocket & { servername?: string | false }
    seen.push({ subject: socket.getPeerCertificate().subject?.CN, servername: socket.servername })
    response.end('{}')
  })
  server.on('secureConnection', (socket) => {
    if (socket.isSessionReused()) handshakes.resumed++
    else handshakes.full++
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    handshakes,
    seen,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function ask(connection: Omit<ClusterConnection, 'auth'> & { auth?: ClusterConnection['auth'] }): Promise<void> {
  const auth = connection.auth ?? { kind: 'anonymous' }
  const client = createKubeClient({
    name: 'east',
    connection: { ...connection, auth },
    userAgent: 'test',
    limits: { retries: 0 },
  })
  try {
    await client.readyz()
  } finally {
    await client.close()
  }
}

async function refusal(connection: Omit<ClusterConnection, 'auth'>): Promise<FlotillaError> {
  try {
    await ask(connection)
  } catch (thrown) {
    assert.ok(thrown instanceof FlotillaError)
    return thrown
  }
  throw new Error('it was let through')
}

describe('TLS to an API server', () => {
  test('an authority that is not known is refused, with what to do', async () => {
    await using server = await tlsServer()
    const address = `https://127.0.0.1:${server.port}`
    const stranger = createTestCertificate({ name: 'stranger-ca' })
    for (const connection of [{ server: address }, { server: address, caPem: stranger.certPem }]) {
      const error = await refusal(connection)
      assert.equal(error.code, 'cluster.unreachable')
      assert.match(error.message, /authority that is not known/)
      assert.match(error.remedy ?? '', /certificate-authority-data/)
    }
    assert.deepEqual(server.seen, [])
  })

  test('a certificate for another name, an expired one and a future one each say so', async () => {
    const day = 24 * 3600_000
    const cases = [
      [{ ipAddresses: ['127.0.0.9'] }, /for another name/],
      [{ notAfter: new Date(Date.now() - day / 2) }, /has expired/],
      [{ notBefore: new Date(Date.now() + day / 2) }, /not valid yet/],
    ] as const
    for (const [certificate, words] of cases) {
      await using server = await tlsServer(certificate)
      const error = await refusal({ server: `https://127.0.0.1:${server.port}`, caPem: authority.certPem })
      assert.match(error.message, words)
    }
  })

  test('tls-server-name is asked for and verified in place of the host', async () => {
    await using server = await tlsServer({ ipAddresses: [], dnsNames: ['api.east.example'] })
    const connection = { server: `https://127.0.0.1:${server.port}`, caPem: authority.certPem }
    assert.match((await refusal(connection)).message, /another name/)
    await ask({ ...connection, tlsServerName: 'api.east.example' })
    assert.equal(server.seen[0]?.servername, 'api.east.example')
  })

  test('a client certificate is presented', async () => {
    await using server = await tlsServer()
    const auth = { kind: 'certificate', certPem: clientPair.certPem, keyPem: clientPair.keyPem } as const
    await ask({ server: `https://127.0.0.1:${server.port}`, caPem: authority.certPem, auth })
    assert.equal(server.seen[0]?.subject, 'flotilla')
  })

  test('one handshake serves many calls, and new connections resume the session', async () => {
    await using server = await tlsServer()
    const connection = {
      server: `https://127.0.0.1:${server.port}`,
      caPem: authority.certPem,
      auth: { kind: 'anonymous' },
    } as const
    const client = createKubeClient({ name: 'east', connection, userAgent: 'test' })
    for (let i = 0; i < 20; i++) await client.readyz()
    assert.equal(server.handshakes.full, 1)
    assert.ok(server.handshakes.resumed <= 1, 'a second connection at most')
    await Promise.all(Array.from({ length: 8 }, () => client.readyz()))
    assert.equal(server.handshakes.full, 1)
    assert.ok(server.handshakes.resumed > 0)
    await client.close()
  })

  test('what does not speak TLS is named so', async () => {
    const plain = createTcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1')
    await once(plain, 'listening')
    const error = await refusal({ server: `https://127.0.0.1:${(plain.address() as AddressInfo).port}` })
    assert.match(error.message, /does not speak TLS/)
    plain.close()
  })

  test('runs end to end over a stream that somebody else brings, such as a tunnel', async () => {
    await using server = await tlsServer({ ipAddresses: [], dnsNames: ['api.east.example'] })
    const asked: string[] = []
    const client = createKubeClient({
      name: 'east',
      userAgent: 'test',
      connection: {
        server: 'https://api.east.example:6443',
        caPem: authority.certPem,
        auth: { kind: 'anonymous' },
        connect: async ({ host, port }) => {
          asked.push(`${host}:${port}`)
          const socket = connectTcp(server.port, '127.0.0.1')
          await once(socket, 'connect')
          return Duplex.from({ readable: socket, writable: socket })
        },
      },
    })
    for (let i = 0; i < 3; i++) await client.readyz()
    assert.ok(asked.length > 0 && asked.every((one) => one === 'api.east.example:6443'))
    assert.equal(server.seen.length, 3)
    await client.close()
  })
})
