import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { connect, createServer } from 'node:tls'
import type { Log } from '@flotilla/engine'
import { keepRenewed } from './keep-renewed.ts'
import { type KeyedCertificate, makeCertificate } from './make-certificate.ts'

test('a certificate that was renewed is presented to who comes then; one whose key does not fit never is', async () => {
  const authority = await makeCertificate({ commonName: 'Flotilla', days: 10 }, Date.now())
  const make = () => makeCertificate({ commonName: 'flotilla', days: 5, names: ['flotilla'], authority }, Date.now())
  const [first, second] = [await make(), await make()]
  const server = createServer(first, (socket) => socket.end())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const presented = async (): Promise<string> => {
    const socket = connect({ port, host: '127.0.0.1', ca: authority.cert, servername: 'flotilla' })
    await once(socket, 'secureConnect')
    const { serialNumber } = socket.getPeerCertificate()
    socket.destroy()
    return serialNumber
  }
  let said = Promise.withResolvers<string>()
  const log = { info: (message: string) => said.resolve(message), warn: (message: string) => said.resolve(message) }
  let now: KeyedCertificate = first
  const source = { certificate: first, renew: () => Promise.resolve(now) }
  // only what is called here
  const timer = keepRenewed(source, (next) => server.setSecureContext(next), { everyMs: 5, log: log as unknown as Log })
  try {
    const before = await presented()
    now = { cert: second.cert, key: first.key }
    assert.equal(await said.promise, 'certificate not renewed')
    assert.equal(await presented(), before)
    now = second
    said = Promise.withResolvers<string>()
    for (let heard = ''; heard !== 'certificate renewed'; said = Promise.withResolvers<string>())
      heard = await said.promise
    assert.notEqual(await presented(), before)
  } finally {
    clearInterval(timer)
    server.close()
  }
})
