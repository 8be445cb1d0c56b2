import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, test } from 'node:test'
import { listen, openRelay, openWire } from './testing/open-wire.ts'
import { mebibyte } from './wire.ts'

const soon = () => AbortSignal.timeout(5_000)

/** Says everything back. */
const echo = () => listen((socket) => socket.pipe(socket))

async function until(holds: () => boolean, withinMs = 5_000): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!holds()) {
    if (performance.now() > deadline) assert.fail('it did not become so in time')
    await sleep(10)
  }
}

async function drain(stream: Duplex): Promise<number> {
  let bytes = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) bytes += chunk.length
  return bytes
}

describe('a tunnel', () => {
  test('carries bytes both ways, and an end of one side without that of the other', async (t) => {
    const target = await echo()
    t.after(target.close)
    const wire = await openWire({ target: target.port })
    t.after(wire.close)
    assert.equal(wire.epoch, 7)
    const stream = await wire.server.dial(soon())
    stream.write('one ')
    stream.end('two')
    assert.equal(await text(stream), 'one two')
    await until(() => wire.agent.streams === 0 && wire.server.load.streams === 0 && target.sockets.size === 0)
  })

  test('leaves nothing behind when either side destroys its connection', async (t) => {
    const target = await echo()
    t.after(target.close)
    const wire = await openWire({ target: target.port })
    t.after(wire.close)
    const first = await wire.server.dial(soon())
    await until(() => target.sockets.size === 1)
    first.destroy()
    await until(() => target.sockets.size === 0 && wire.agent.streams === 0)
    const second = await wire.server.dial(soon())
    await until(() => target.sockets.size === 1)
    for (const socket of target.sockets) socket.resetAndDestroy()
    const [error] = (await once(second, 'error')) as [Error]
    assert.ok(error instanceof Error, 'a reset must not look like an end')
    await until(() => wire.agent.streams === 0 && wire.server.load.streams === 0)
  })

  test('refuses every target but the one, and says when nothing listens there', async (t) => {
    const target = await echo()
    const wire = await openWire({ target: target.port })
    t.after(wire.close)
    for (const other of ['127.0.0.1:22', 'kubernetes.default.svc:80', 'metadata:80', '']) {
      await assert.rejects(wire.server.dial(soon(), other === '' ? 'x' : other), { code: 'EACCES' })
    }
    await target.close()
    await assert.rejects(wire.server.dial(soon()), { code: 'ECONNREFUSED' })
    assert.equal(wire.server.isOpen, true)
  })

  test('does not read on for a reader that does not read', async (t) => {
    let sent = 0
    const target = await listen((socket) => {
      const chunk = Buffer.alloc(64 * 1024)
      const more = (): void => {
        while (!socket.destroyed && sent < 64 * mebibyte) {
          sent += chunk.length
          if (!socket.write(chunk)) return void socket.once('drain', more)
        }
        socket.end()
      }
      more()
    })
    t.after(target.close)
    const wire = await openWire({ target: target.port })
    t.after(wire.close)
    const slow = await wire.server.dial(soon())
    await until(() => sent > mebibyte)
    await sleep(300)
    const before = sent
    await sleep(300)
    assert.equal(sent, before, 'it goes on reading for nobody')
    assert.ok(wire.server.load.bufferedBytes <= 2 * mebibyte, `${wire.server.load.bufferedBytes} bytes unread`)
    assert.ok(before < 16 * mebibyte, `${before} bytes are under way`)
    assert.equal(await drain(slow), 64 * mebibyte)
  })

  test('lets others pass while many readers stand still', async (t) => {
    const flood = await listen((socket) => {
      socket.once('data', (first: Buffer) => {
        if (first.toString() === 'small') {
          socket.end('here')
          return
        }
        const chunk = Buffer.alloc(mebibyte)
        const more = (): void => {
          while (!socket.destroyed && socket.write(chunk));
          socket.once('drain', more)
        }
        more()
      })
    })
    t.after(flood.close)
    const wire = await openWire({ target: flood.port })
    t.after(wire.close)
    const still: Duplex[] = []
    for (let n = 0; n < 20; n++) {
      const stream = await wire.server.dial(soon())
      stream.write('flood')
      still.push(stream)
    }
    await sleep(300)
    const small = await wire.server.dial(soon())
    small.end('small')
    assert.equal(await text(small), 'here')
    assert.ok(wire.server.load.bufferedBytes <= 22 * mebibyte)
    for (const stream of still) stream.destroy()
  })

  test('opens no more than its bound, and opens again when one is closed', async (t) => {
    const target = await echo()
    t.after(target.close)
    const wire = await openWire({ target: target.port, limits: { streams: 2 } })
    t.after(wire.close)
    const [first] = await Promise.all([wire.server.dial(soon()), wire.server.dial(soon())])
    await assert.rejects(wire.server.dial(soon()), { code: 'EAGAIN' })
    first.destroy()
    await until(() => wire.server.load.streams === 1 && wire.agent.streams === 1)
    ;(await wire.server.dial(soon())).destroy()
  })

  test('gives up with the signal, and after its own time', async (t) => {
    // takes the connection and never says that it did
    const wire = await openWire({
      target: 1,
      limits: { answerMs: 200 },
      answer: () =>
        (async function* () {
          await sleep(60_000, undefined, { ref: false })
          yield ''
        })(),
    })
    t.after(wire.close)
    await assert.rejects(wire.server.ask({ method: 'GET', path: '/x' }, soon()), { code: 'ETIMEDOUT' })
    const stop = new AbortController()
    const asked = wire.server.ask({ method: 'GET', path: '/x' }, stop.signal)
    stop.abort(new Error('no longer wanted'))
    await assert.rejects(asked, /no longer wanted/)
    await until(() => wire.agent.streams === 0)
  })

  test('answers questions as the answer comes, and ends it when nobody listens', async (t) => {
    let gone = false
    const wire = await openWire({
      target: 1,
      answer: ({ method, path, body, signal }) => {
        if (path !== '/ask') return undefined
        return (async function* () {
          yield `${method} ${body}\n`
          await once(signal, 'abort')
          gone = true
        })()
      },
    })
    t.after(wire.close)
    const stream = await wire.server.ask({ method: 'PUT', path: '/ask', body: 'hello' }, soon())
    const [first] = (await once(stream, 'data')) as [Buffer]
    assert.equal(first.toString(), 'PUT hello\n')
    stream.destroy()
    await until(() => gone)
    await assert.rejects(wire.server.ask({ method: 'GET', path: '/other' }, soon()), { code: 'ENOENT' })
  })

  test('tells the agent why it ends, and ends what is open with an error', async (t) => {
    const target = await echo()
    t.after(target.close)
    for (const reason of ['fenced', 'revoked', 'stopping'] as const) {
      const wire = await openWire({ target: target.port })
      const stream = await wire.server.dial(soon())
      const failed = once(stream, 'error')
      wire.server.end(reason)
      assert.equal(await wire.agent.ended, reason)
      assert.equal(await wire.server.ended, reason)
      await failed
      await assert.rejects(wire.server.dial(soon()), { code: 'ECONNRESET' })
      await until(() => target.sockets.size === 0)
      await wire.close()
    }
  })

  test('is found within two heartbeats when the line falls silent, by both sides', async (t) => {
    const target = await echo()
    t.after(target.close)
    let relay: Awaited<ReturnType<typeof openRelay>> | undefined
    const heartbeatMs = 300
    const wire = await openWire({
      target: target.port,
      limits: { heartbeatMs },
      through: async (port) => (relay = await openRelay(port)).port,
    })
    t.after(wire.close)
    t.after(() => relay?.close())
    const stream = await wire.server.dial(soon())
    const failed = once(stream, 'error')
    await sleep(4 * heartbeatMs)
    assert.equal(wire.server.isOpen, true, 'a quiet line is not a dead one')
    const since = performance.now()
    relay?.fallSilent()
    assert.equal(await wire.server.ended, 'silent')
    assert.equal(await wire.agent.ended, 'silent')
    await failed
    const took = performance.now() - since
    assert.ok(took < 3 * heartbeatMs, `found after ${Math.round(took)} ms`)
    await until(() => target.sockets.size === 0)
  })

  test('ends on both sides when the line is cut', async (t) => {
    const target = await echo()
    t.after(target.close)
    let relay: Awaited<ReturnType<typeof openRelay>> | undefined
    const wire = await openWire({
      target: target.port,
      through: async (port) => (relay = await openRelay(port)).port,
    })
    t.after(wire.close)
    t.after(() => relay?.close())
    const stream = await wire.server.dial(soon())
    const failed = once(stream, 'error')
    relay?.cut()
    assert.equal(await wire.server.ended, 'lost')
    assert.equal(await wire.agent.ended, 'lost')
    await failed
  })
})
