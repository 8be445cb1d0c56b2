import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { before, describe, test, type TestContext } from 'node:test'
import { listen, openWire, portOf } from '@flotilla/tunnel/testing/open-wire'
import { type KeyedCertificate, makeCertificate } from '../../http/tls/make-certificate.ts'

const soon = () => AbortSignal.timeout(5_000)

/** A forward proxy as many companies have one: CONNECT only, with a password where it is given one. */
async function openProxy(t: TestContext, password?: string) {
  const asked: string[] = []
  const server = createServer((_request, response) => response.writeHead(405).end())
  server.on('connect', (request, near, head) => {
    near.on('error', () => undefined)
    asked.push(request.url ?? '')
    const wanted = `Basic ${Buffer.from(`agent:${password}`).toString('base64')}`
    if (password !== undefined && request.headers['proxy-authorization'] !== wanted) {
      near.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
      return
    }
    const [host, port] = (request.url ?? '').split(':')
    const far = connect(Number(port), host, () => {
      near.write('HTTP/1.1 200 Connection established\r\n\r\n')
      if (head.length > 0) far.write(head)
      far.pipe(near)
      near.pipe(far)
    })
    far.on('error', () => near.destroy())
    near.once('close', () => far.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { asked, port: portOf(server) }
}

async function echoThrough(t: TestContext, options: Omit<Parameters<typeof openWire>[0], 'target'>) {
  const target = await listen((socket) => socket.pipe(socket))
  t.after(target.close)
  const wire = await openWire({ target: target.port, ...options })
  t.after(wire.close)
  const stream = await wire.server.dial(soon())
  stream.end('hello')
  assert.equal(await text(stream), 'hello')
  return wire
}

describe('an agent that dials', () => {
  const makeAuthority = () => makeCertificate({ commonName: 'test', days: 1 }, Date.now())
  let authority: KeyedCertificate
  let tls: KeyedCertificate
  before(async () => {
    authority = await makeAuthority()
    tls = await makeCertificate({ commonName: 'flotilla', days: 1, names: ['flotilla'], authority }, Date.now())
  })

  test('pins the authority that it was given, and asks for the name that it was told', async (t) => {
    await echoThrough(t, { tls, dial: { caPem: authority.cert, serverName: 'flotilla' } })
  })

  test('refuses a server of another authority, or of another name', async () => {
    const stranger = await makeAuthority()
    const serverName = 'flotilla'
    await assert.rejects(openWire({ target: 1, tls, dial: { caPem: stranger.cert, serverName } }), {
      code: /UNABLE_TO_VERIFY|SELF_SIGNED|CERT_SIGNATURE/,
    })
    await assert.rejects(openWire({ target: 1, tls, dial: { serverName } }), { code: /UNABLE_TO_VERIFY|SELF_SIGNED/ })
    await assert.rejects(openWire({ target: 1, tls, dial: { caPem: authority.cert, serverName: 'other' } }), {
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    })
    // its address is not in the certificate
    await assert.rejects(openWire({ target: 1, tls, dial: { caPem: authority.cert } }), {
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    })
  })

  test('goes through the proxy of its surroundings, with its password, and around it where it is told to', async (t) => {
    const dial = { caPem: authority.cert, serverName: 'flotilla' }
    const proxy = await openProxy(t, 's3cret')
    const env = { HTTPS_PROXY: `http://agent:s3cret@127.0.0.1:${proxy.port}` }
    const wire = await echoThrough(t, { tls, dial: { ...dial, env } })
    assert.deepEqual(proxy.asked, [`127.0.0.1:${wire.port}`])
    await echoThrough(t, { tls, dial: { ...dial, env: { ...env, NO_PROXY: 'localhost,127.0.0.0/8' } } })
    assert.equal(proxy.asked.length, 1)
    const wrong = { HTTPS_PROXY: `http://agent:wrong@127.0.0.1:${proxy.port}` }
    await assert.rejects(openWire({ target: 1, tls, dial: { ...dial, env: wrong } }), (error: Error) => {
      assert.match(error.message, /answered 407/)
      assert.doesNotMatch(error.message, /wrong/)
      return true
    })
    const nobody = { HTTPS_PROXY: 'http://127.0.0.1:1' }
    await assert.rejects(openWire({ target: 1, tls, dial: { ...dial, env: nobody } }), { code: 'EPROXY' })
  })

  test('hears what the server says instead of an upgrade, and for how long to stay away', async () => {
    const refuse = 'HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
    await assert.rejects(openWire({ target: 1, refuse }), { code: 'EREFUSED', status: 503, retryAfter: 7 })
    await assert.rejects(openWire({ target: 1, refuse: 'HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n' }), {
      status: 401,
    })
  })

  test('gives up when its time is over', async () => {
    const stop = new AbortController()
    const silent = await listen(() => undefined)
    const dialling = openWire({ target: 1, dial: { signal: stop.signal }, through: async () => silent.port })
    stop.abort(new Error('the agent stops'))
    await assert.rejects(dialling, /the agent stops/)
    await silent.close()
  })
})
