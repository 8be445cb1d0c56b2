import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { httpFixture } from './testing/http-fixture.ts'

test('a thousand sockets that say nothing, or half a request, keep nobody from an answer', async () => {
  const fixture = await httpFixture()
  const { url, port } = await fixture.http.listen({ host: '127.0.0.1', port: 0 })
  const sockets: Socket[] = []
  try {
    for (let at = 0; at < 1_000; at++) {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => 'the server may end it')
      sockets.push(socket)
      await once(socket, 'connect')
      if (at % 2 === 0) socket.write('POST /api/v1/sessions HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n')
    }
    const started = process.cpuUsage()
    for (let at = 0; at < 20; at++) {
      // far less than the server waits for the rest of a request, far more than a busy machine takes
      const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(10_000) })
      assert.deepEqual(await answer.json(), { ok: true })
    }
    const { user, system } = process.cpuUsage(started)
    assert.ok(user + system < 1_000_000, `${(user + system) / 1000} ms of CPU for 20 answers`)
    assert.ok(sockets.filter(({ closed }) => !closed).length > 900, 'they were there all the time')
  } finally {
    for (const socket of sockets) socket.destroy()
    await fixture.close()
  }
})
