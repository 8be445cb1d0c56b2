import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { connect, createServer } from 'node:tls'
import { makeCertificate } from './make-certificate.ts'

const names = ['flotilla', 'localhost', '127.0.0.1', '::1', '2001:db8::ff:1', '::ffff:10.1.2.3']

test('a server’s certificate is one that TLS takes for each of its names, and for no other', async () => {
  const authority = await makeCertificate({ commonName: 'Flotilla', days: 10 }, Date.now())
  const made = await makeCertificate({ commonName: 'flotilla', days: 5, names, authority }, Date.now())
  const server = createServer({ cert: made.cert, key: made.key }, (socket) => socket.end('hello'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const attempt = async (servername: string): Promise<string> => {
    const socket = connect({ port, host: '127.0.0.1', ca: authority.cert, servername })
    return await new Promise((resolve) => {
      socket.once('data', (bytes: Buffer) => resolve(bytes.toString()))
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    }).then((answer) => {
      socket.destroy()
      return String(answer)
    })
  }
  try {
    assert.equal(await attempt('flotilla'), 'hello')
    assert.equal(await attempt('localhost'), 'hello')
    assert.equal(await attempt('elsewhere'), 'ERR_TLS_CERT_ALTNAME_INVALID')
  } finally {
    server.close()
  }
  const read = new X509Certificate(made.cert)
  for (const address of names.slice(2)) assert.ok(read.checkIP(address), address)
  assert.equal(read.checkIP('127.0.0.2'), undefined)
})

test('the authority is one, and signs with its key; keys and serial numbers are never the same', async () => {
  const [one, two] = await Promise.all(
    [1, 2].map(() => makeCertificate({ commonName: 'Flotilla', days: 10 }, Date.now())),
  )
  assert.ok(one && two)
  const [first, second] = [new X509Certificate(one.cert), new X509Certificate(two.cert)]
  assert.equal(first.ca, true)
  assert.ok(first.checkPrivateKey(createPrivateKey(one.key)))
  assert.ok(first.verify(first.publicKey))
  assert.notEqual(first.serialNumber, second.serialNumber)
  const server = await makeCertificate({ commonName: 'x', days: 1, names: ['x'], authority: one }, Date.now())
  const read = new X509Certificate(server.cert)
  assert.equal(read.ca, false)
  assert.ok(read.checkIssued(first))
  assert.ok(read.verify(first.publicKey))
  assert.ok(!read.verify(second.publicKey))
})
