import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { test } from 'node:test'
import { Pools } from './pools.ts'

test('an error that a connection reports after its close ends nothing', async (t) => {
  const server = createServer((_request, response) => response.end('ok'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  let socket: Socket | undefined
  const pools = new Pools({
    origin: `http://127.0.0.1:${port}`,
    dial: async () => {
      socket = connect(port, '127.0.0.1')
      await once(socket, 'connect')
      return socket
    },
    sizes: { requests: 1, streams: 1 },
  })
  t.after(() => pools.close())
  const answer = await pools.get('requests').request({ method: 'GET', path: '/' })
  assert.equal(await answer.body.text(), 'ok')
  assert.ok(socket !== undefined)
  const closed = once(socket, 'close')
  socket.destroy()
  await closed
  // as TLS over a tunnel does it; without care undici's own listener throws here
  assert.doesNotThrow(() => socket?.emit('error', Object.assign(new Error('late'), { code: 'ECONNRESET' })))
  const again = await pools.get('requests').request({ method: 'GET', path: '/' })
  assert.equal(await again.body.text(), 'ok')
})
