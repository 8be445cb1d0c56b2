import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { describe, test } from 'node:test'
import { findBusy } from './observe-machine.ts'

async function listen(host: string): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { server, port: address.port }
}

describe('ports that are in use', () => {
  test('at every address are so on one that nobody listens on; those of one address are not', async () => {
    const everywhere = await listen('0.0.0.0')
    const here = await listen('127.0.0.1')
    try {
      const ports = [everywhere.port, here.port]
      assert.deepEqual(await findBusy(ports, '127.83.61.7'), [everywhere.port])
      assert.deepEqual(await findBusy(ports, '127.0.0.1'), ports)
    } finally {
      everywhere.server.close()
      here.server.close()
    }
  })
})
