import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { describe, test } from 'node:test'
import { createKubeClient } from './client.ts'
import type { KubeClient } from './kube-client.ts'
import { createProxyServer, type ProxyServer } from './testing/proxy-server.ts'
import { until } from './testing/wait.ts'

interface Rig extends AsyncDisposable {
  readonly upstream: Server
  readonly seen: IncomingMessage[]
  readonly sockets: Set<Duplex>
  /** Connections of refused upgrades that are still open. */
  readonly refused: Set<Duplex>
  readonly proxy: ProxyServer
  readonly client: KubeClient
  /** Sends raw bytes to the proxy and returns the connection with what came back. */
  raw(text: string): { socket: Socket; text: () => string }
}

/** A stand-in for the API server that keeps exactly what reached it; the proxy acts as `flotilla:user:7`. */
async function rig(): Promise<Rig> {
  const seen: IncomingMessage[] = []
  const sockets = new Set<Duplex>()
  const refused = new Set<Duplex>()
  const upstream = createServer((request, response) => {
    seen.push(request)
    if (request.url?.startsWith('/forbidden') === true) response.writeHead(403).end('no')
    else if (request.url?.startsWith('/echo') === true) request.pipe(response)
    else response.writeHead(200, { 'set-cookie': 'a=b', 'keep-alive': 'x', 'x-audit': 'y' }).end('answer')
  })
  upstream.on('upgrade', (request, socket: Duplex) => {
    seen.push(request)
    if (request.url?.startsWith('/forbidden') === true) {
      // as an API server does, it keeps the connection for what may follow
      refused.add(socket)
      socket.once('close', () => refused.delete(socket))
      socket.once('end', () => socket.end())
      socket.on('error', () => {})
      socket.resume()
      socket.write('HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno')
      return
    }
    sockets.add(socket)
    socket.once('end', () => socket.end())
    socket.on('error', () => {})
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: SPDY/3.1\r\nx-stream-protocol-version: v4\r\n\r\nhello ',
    )
    socket.on('data', (chunk: Buffer) => socket.write(chunk))
  })
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  const server = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
  const auth = { kind: 'token', token: () => 'own-token' } as const
  const client = createKubeClient({
    name: 'east',
    connection: { server, auth },
    userAgent: 'test',
    limits: { heartbeatMs: 0 },
  })
  const view = client.as({ user: 'flotilla:user:7', groups: ['g1', 'g2'] })
  const proxy = await createProxyServer(() => view)
  const opened: Socket[] = []
  return {
    upstream,
    seen,
    sockets,
    refused,
    proxy,
    client,
    raw: (text) => {
      const socket = connect(proxy.port, '127.0.0.1')
      opened.push(socket)
      let received = ''
      socket.on('data', (chunk: Buffer) => {
        received += chunk.toString('latin1')
      })
      socket.on('error', () => {})
      socket.write(text)
      return { socket, text: () => received }
    },
    [Symbol.asyncDispose]: async () => {
      opened.forEach((socket) => socket.destroy())
      for (const socket of [...sockets, ...refused]) socket.destroy()
      await proxy[Symbol.asyncDispose]()
      await client.close()
      upstream.closeAllConnections()
      await new Promise((resolve) => upstream.close(resolve))
    },
  }
}

const hostile = [
  'Host: evil',
  'Authorization: Bearer stolen',
  'Cookie: session=1',
  'Impersonate-User: system:admin',
  'Impersonate-Group: system:masters',
  'impersonate-group: system:masters',
  'Impersonate-Extra-Scopes: all',
  'Impersonate-Uid: 1',
  'X-Remote-User: system:admin',
  'X-Forwarded-For: 1.2.3.4',
  'Proxy-Authorization: x',
  'Origin: https://evil.example',
  'X-Hop: secret',
  'Accept: application/json',
  'X-Kept: yes',
].join('\r\n')

function checkHeaders(request: IncomingMessage | undefined): void {
  assert.ok(request !== undefined)
  const all = (name: string): string[] =>
    request.rawHeaders.filter((_, at) => at % 2 === 1 && request.rawHeaders[at - 1]?.toLowerCase() === name)
  assert.deepEqual(all('impersonate-user'), ['flotilla:user:7'])
  assert.deepEqual(all('impersonate-group'), ['g1', 'g2'])
  assert.deepEqual(all('authorization'), ['Bearer own-token'])
  assert.equal(all('host').length, 1)
  assert.match(all('host')[0] ?? '', /^127\.0\.0\.1:/)
  const gone = [
    'cookie',
    'impersonate-extra-scopes',
    'impersonate-uid',
    'x-remote-user',
    'x-forwarded-for',
    'proxy-authorization',
    'origin',
    'x-hop',
  ]
  for (const name of gone) assert.deepEqual(all(name), [], name)
  assert.deepEqual(all('x-kept'), ['yes'])
}

describe('a plain request through the proxy', () => {
  test('reaches the API server as the view, whatever the client claims to be', async () => {
    await using at = await rig()
    const { text } = at.raw(`GET /api/v1/pods?limit=1 HTTP/1.1\r\n${hostile}\r\nConnection: X-Hop, close\r\n\r\n`)
    await until(() => text().includes('answer'), 'it is answered')
    checkHeaders(at.seen[0])
    assert.equal(at.seen[0]?.url, '/api/v1/pods?limit=1')
    assert.match(text(), /x-audit: y/)
    assert.doesNotMatch(text(), /set-cookie|keep-alive: x/)
  })

  test('streams a body both ways', async () => {
    await using at = await rig()
    const body = Buffer.alloc(3_000_000, 'abcdefgh')
    const answer = await fetch(`http://127.0.0.1:${at.proxy.port}/echo`, { method: 'POST', body })
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), body)
    await until(() => at.proxy.outcomes.length === 1, 'it ended')
    assert.deepEqual(at.proxy.outcomes[0], { status: 200, bytesUp: 3_000_000, bytesDown: 3_000_000, ended: 'finished' })
  })

  test('a path that climbs is refused before anything is sent', async () => {
    await using at = await rig()
    for (const path of ['/api/../secret', '/api/%2e%2e/x', '//other/x', '/a\\..\\b']) {
      const { text } = at.raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
      await until(() => text() !== '', 'it is answered')
      assert.doesNotMatch(text(), /^HTTP\/1.1 200/)
    }
    assert.deepEqual(at.seen, [])
  })

  test('a body smuggled behind two lengths never becomes a request', async () => {
    await using at = await rig()
    const smuggled = 'GET /secret HTTP/1.1\r\nHost: x\r\nImpersonate-User: root\r\n\r\n'
    const head = 'POST /echo HTTP/1.1\r\nHost: x\r\n'
    const both = at.raw(`${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`)
    const twice = at.raw(`${head}Content-Length: 4\r\nContent-Length: 90\r\n\r\nabcd${smuggled}`)
    await until(() => both.text() !== '' && twice.text() !== '', 'both are answered')
    assert.match(both.text(), /^HTTP\/1.1 400/)
    assert.match(twice.text(), /^HTTP\/1.1 400/)
    assert.ok(at.seen.every((request) => request.url !== '/secret'))
  })
})

describe('an upgrade through the proxy', () => {
  const upgrade = (path: string, extra = ''): string =>
    `POST ${path} HTTP/1.1\r\n${hostile}\r\nConnection: Upgrade, X-Hop\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4\r\n${extra}\r\n`

  test('is raw both ways, as the view, with its protocol', async () => {
    await using at = await rig()
    const { socket, text } = at.raw(`${upgrade('/exec', 'Content-Length: 0\r\n')}early `)
    await until(() => text().endsWith('hello early '), 'it flows')
    checkHeaders(at.seen[0])
    assert.match(text(), /^HTTP\/1.1 101 .*\r\n/)
    assert.match(text(), /x-stream-protocol-version: v4\r\n/)
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    socket.write(all)
    await until(() => text().endsWith(all.toString('latin1')), 'any byte passes')
    at.sockets.forEach((one) => one.end())
    await until(() => at.proxy.outcomes.length === 1, 'it ended')
    assert.deepEqual([at.proxy.outcomes[0]?.status, at.proxy.outcomes[0]?.ended], [101, 'finished'])
  })

  test('refused, it is an answer, and what follows never reaches the API server', async () => {
    await using at = await rig()
    const smuggled = 'GET /secret HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer own-token\r\n\r\n'
    const { socket, text } = at.raw(`${upgrade('/forbidden')}${smuggled}`)
    await until(() => text().includes('no'), 'it is refused')
    assert.match(text(), /^HTTP\/1.1 403/)
    socket.write(smuggled)
    await until(() => socket.closed, 'the connection ends')
    assert.deepEqual(
      at.seen.map((request) => request.url),
      ['/forbidden'],
    )
    assert.deepEqual(
      at.proxy.outcomes.map(({ status, ended }) => [status, ended]),
      [[403, 'finished']],
    )
    await until(() => at.refused.size === 0, 'the connection to the API server ends, too')
  })

  test('with a body it is refused', async () => {
    await using at = await rig()
    for (const extra of ['Content-Length: 50\r\n', 'Transfer-Encoding: chunked\r\n']) {
      const { text } = at.raw(upgrade('/exec', extra))
      await until(() => text() !== '', 'it is answered')
      assert.match(text(), /^HTTP\/1.1 4/)
    }
    assert.deepEqual(at.seen, [])
  })

  test('a token among the subprotocols is not passed on', async () => {
    await using at = await rig()
    const offered = 'v5.channel.k8s.io, base64url.bearer.authorization.k8s.io.c3RvbGVu, v4.channel.k8s.io'
    const { text } = at.raw(upgrade('/exec', `Sec-WebSocket-Protocol: ${offered}\r\n`))
    await until(() => text().endsWith('hello '), 'it flows')
    assert.equal(at.seen[0]?.headers['sec-websocket-protocol'], 'v5.channel.k8s.io, v4.channel.k8s.io')
  })

  test('lost on the cluster side, the client is cut and the outcome says so', async () => {
    await using at = await rig()
    const { socket, text } = at.raw(upgrade('/exec'))
    await until(() => text().endsWith('hello '), 'it flows')
    for (const one of at.sockets) (one as Socket).resetAndDestroy()
    await until(() => socket.closed && at.proxy.outcomes.length === 1, 'it ended')
    assert.equal(at.proxy.outcomes[0]?.ended, 'lost')
  })

  test('ends at once on both sides when told, and gives its place back', async () => {
    await using at = await rig()
    const { socket, text } = at.raw(upgrade('/exec'))
    await until(() => text().endsWith('hello '), 'it flows')
    assert.equal(at.client.transport.load.streams, 1)
    at.proxy.stop.abort(new Error('the right was taken away'))
    await until(() => socket.closed && [...at.sockets].every((one) => one.closed), 'both sides are closed')
    await until(() => at.proxy.outcomes.length === 1, 'it ended')
    assert.equal(at.proxy.outcomes[0]?.ended, 'aborted')
    assert.equal(at.client.transport.load.streams, 0)
  })

  test('a client that does not read holds back the cluster instead of filling memory', async () => {
    await using at = await rig()
    const { socket, text } = at.raw(upgrade('/exec'))
    await until(() => text().endsWith('hello '), 'it flows')
    socket.pause()
    const [upstream] = at.sockets
    assert.ok(upstream !== undefined)
    let taken = 0
    const chunk = Buffer.alloc(64 * 1024)
    while (taken < 200e6 && upstream.write(chunk)) taken += chunk.length
    await new Promise((resolve) => setTimeout(resolve, 200))
    while (taken < 200e6 && upstream.write(chunk)) taken += chunk.length
    assert.ok(taken < 50e6, `${taken} bytes were taken`)
  })
})
