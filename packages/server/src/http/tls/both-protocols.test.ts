import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { type BothProtocols, createBothProtocols } from './both-protocols.ts'
import { type KeyedCertificate, makeCertificate } from './make-certificate.ts'

describe('HTTP and HTTPS on one port', () => {
  let both: BothProtocols
  let authority: KeyedCertificate
  let port: number
  before(async () => {
    authority = await makeCertificate({ commonName: 'Flotilla', days: 1 }, Date.now())
    const made = await makeCertificate({ commonName: 'x', days: 1, names: ['localhost'], authority }, Date.now())
    both = createBothProtocols({ ...made, keepAliveTimeout: 5_000, requestTimeout: 5_000 }, (request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => response.end(`${request.method} ${Buffer.concat(parts).length}`))
    })
    both.server.listen(0, '127.0.0.1')
    await once(both.server, 'listening')
    port = (both.server.address() as AddressInfo).port
  })
  after(() => {
    both.server.close()
    both.server.closeAllConnections()
  })

  const post = (send: typeof plainRequest | typeof secureRequest, bytes: number): Promise<string> =>
    new Promise((resolve, reject) => {
      const options = { method: 'POST', host: 'localhost', port, family: 4, ca: authority.cert }
      const request = send(options, (response) => {
        let text = ''
        response.on('data', (part: Buffer) => (text += part.toString()))
        response.on('end', () => resolve(text))
      })
      request.on('error', reject)
      request.end(Buffer.alloc(bytes))
    })

  test('both are answered, with bodies larger than what comes first', async () => {
    for (const bytes of [0, 10, 5_000_000]) {
      assert.equal(await post(plainRequest, bytes), `POST ${bytes}`)
      assert.equal(await post(secureRequest, bytes), `POST ${bytes}`)
    }
  })

  test('a request that comes byte by byte is one, too', async () => {
    const socket = connect(port, '127.0.0.1')
    for (const letter of 'GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n') {
      socket.write(letter)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    let text = ''
    for await (const part of socket) text += String(part)
    assert.match(text, /^HTTP\/1.1 200 OK[^]*GET 0/)
  })

  test('an upgrade reaches its listener with what was sent after it', async () => {
    for (const from of [both.server, both.secure])
      from.once('upgrade', (_request, socket, head: Buffer) => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: echo\r\n\r\n')
        socket.write(head)
        socket.pipe(socket)
      })
    for (const socket of [
      connect(port, '127.0.0.1'),
      connectTls({ port, host: '127.0.0.1', ca: authority.cert, servername: 'localhost' }),
    ]) {
      socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: echo\r\n\r\nearly')
      let text = ''
      for await (const part of socket) {
        text += String(part)
        if (text.endsWith('early')) socket.write(' late')
        if (text.endsWith('early late')) break
      }
      assert.match(text, /101 Switching[^]*early late$/)
    }
  })

  test('closing ends what is open, and what has not said anything yet', async () => {
    const silent = connect(port, '127.0.0.1')
    await once(silent, 'connect')
    const halfway = connect(port, '127.0.0.1')
    await once(halfway, 'connect')
    // the first byte of a handshake, and nothing after it
    halfway.write(Uint8Array.of(22))
    const begun = connectTls({ port, host: '127.0.0.1', ca: authority.cert, servername: 'localhost' })
    await once(begun, 'secureConnect')
    begun.write('GET / HTTP/1.1\r\n')
    await new Promise((resolve) => setTimeout(resolve, 50))
    const ended = Promise.all(
      [silent, halfway, begun].map((socket) => new Promise((resolve) => socket.once('close', resolve))),
    )
    for (const socket of [silent, halfway, begun]) socket.on('error', () => undefined).resume()
    both.server.closeAllConnections()
    await ended
  })
})
