import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { bearerProtocol, type Hears, keepShell, type ShellState, SignedOut, type Socket } from './keep-shell.ts'
import type { Refusal } from './shell-end.ts'

class StandInSocket implements Socket {
  isOpen = false
  isClosed = false
  readonly sent: string[] = []
  #hears: Hears | undefined
  readonly protocols: readonly string[]
  constructor(protocols: readonly string[]) {
    this.protocols = protocols
  }
  send(data: Uint8Array): void {
    this.sent.push(Buffer.from(data).toString('latin1'))
  }
  close(): void {
    this.isOpen = false
    this.isClosed = true
    this.#hears = undefined
  }
  listen(hears: Hears): void {
    this.#hears = hears
  }
  open(): void {
    this.isOpen = true
    this.#hears?.opened?.()
  }
  says(channel: number, text: string): void {
    const bytes = Uint8Array.of(channel, ...Buffer.from(text))
    this.#hears?.message?.(bytes.buffer)
  }
  drops(): void {
    this.isOpen = false
    this.#hears?.closed()
  }
}

function start(given: { refusal?: Refusal; token?: () => Promise<string>; answers?: () => boolean } = {}) {
  const sockets: StandInSocket[] = []
  const states: ShellState[] = []
  const waits: { ms: number; go: () => void }[] = []
  const said: string[] = []
  const ending = new AbortController()
  let now = 0
  const shell = keepShell({
    token: given.token ?? (() => Promise.resolve('flk_a.b')),
    connect: (protocols) => {
      const socket = new StandInSocket(protocols)
      sockets.push(socket)
      return socket
    },
    explain: () => Promise.resolve(given.refusal),
    alive: () => Promise.resolve(given.answers?.() ?? true),
    size: () => ({ columns: 90, rows: 30 }),
    onOutput: (bytes) => said.push(Buffer.from(bytes).toString()),
    onState: (state) => states.push(state),
    wait: (ms, signal) =>
      new Promise((resolve) => {
        waits.push({ ms, go: resolve })
        signal.addEventListener('abort', () => resolve(), { once: true })
      }),
    now: () => now,
    random: () => 1,
    signal: ending.signal,
  })
  const settle = async (): Promise<void> => {
    for (let turns = 0; turns < 5; turns++) await turn()
  }
  return {
    shell,
    sockets,
    states,
    said,
    end: () => ending.abort(),
    settle,
    names: () => states.map(({ state }) => state),
    /** Lets the last wait of that length be over. */
    pass: async (ms: number) => {
      now += ms
      waits.findLast((one) => one.ms === ms)?.go()
      await settle()
    },
    lastWait: () => waits.at(-1)?.ms,
  }
}

describe('a shell that is kept (a stand-in for the socket)', () => {
  test('offers its token as a subprotocol, says its size, takes input and gives output', async () => {
    const { shell, sockets, said, states, settle } = start()
    await settle()
    const [socket] = sockets
    assert.ok(socket)
    assert.deepEqual(socket.protocols, ['v5.channel.k8s.io', 'v4.channel.k8s.io', bearerProtocol('flk_a.b')])
    assert.match(bearerProtocol('flk_??>>'), /^base64url\.bearer\.authorization\.k8s\.io\.[A-Za-z0-9_-]+$/)
    socket.open()
    await settle()
    shell.type('ls\r')
    shell.resize({ columns: 100, rows: 40 })
    socket.says(1, '$ ')
    assert.deepEqual(socket.sent, ['\u0004{"Width":90,"Height":30}', '\u0000ls\r', '\u0004{"Width":100,"Height":40}'])
    assert.deepEqual(said, ['$ '])
    socket.says(3, '{"status":"Failure","details":{"causes":[{"reason":"ExitCode","message":"3"}]}}')
    await shell.done
    assert.deepEqual(states.at(-1), { state: 'ended', code: 3 })
  })

  test('is opened anew when the connection breaks, and nothing that was typed meanwhile is kept', async () => {
    const { shell, sockets, names, settle, pass, lastWait, end } = start()
    await settle()
    sockets[0]?.open()
    await settle()
    sockets[0]?.drops()
    await settle()
    shell.type('rm -rf\r')
    assert.equal(names().at(-1), 'waiting')
    await pass(lastWait() ?? 0)
    sockets[1]?.open()
    await settle()
    assert.equal(names().at(-1), 'open')
    assert.deepEqual(sockets[1]?.sent, ['\u0004{"Width":90,"Height":30}'])
    end()
    await shell.done
  })

  test('waits longer from time to time, and gives up on a shell that always ends at once', async () => {
    const { shell, sockets, states, settle, pass } = start()
    const waited: number[] = []
    for (let attempt = 0; attempt < 6; attempt++) {
      await settle()
      sockets[attempt]?.open()
      await settle()
      sockets[attempt]?.says(3, '{"status":"Failure","message":"gone away"}')
      await settle()
      const state = states.at(-1)
      if (state?.state !== 'waiting') break
      waited.push(state.seconds)
      await pass(state.seconds * 1000)
    }
    await shell.done
    assert.deepEqual(waited, [2, 4, 8, 15, 15])
    assert.deepEqual(states.at(-1), { state: 'refused', refusal: { why: 'other', message: 'gone away' } })
  })

  test('is not tried again where it is refused, or where nobody is signed in', async () => {
    const forbidden = start({ refusal: { why: 'forbidden', message: 'no' } })
    await forbidden.settle()
    forbidden.sockets[0]?.drops()
    await forbidden.shell.done
    assert.deepEqual(forbidden.states.at(-1), { state: 'refused', refusal: { why: 'forbidden', message: 'no' } })
    const nobody = start({ token: () => Promise.reject(new SignedOut()) })
    await nobody.shell.done
    assert.deepEqual(nobody.states.at(-1), { state: 'refused', refusal: { why: 'signed-out' } })
  })

  test('says something every 10 s, and is given up when the server is silent, too', async () => {
    let answers = true
    const { shell, sockets, names, settle, pass, end } = start({ answers: () => answers })
    await settle()
    sockets[0]?.open()
    await settle()
    await pass(10_000)
    assert.deepEqual([sockets[0]?.sent.at(-1), names().at(-1)], ['\u0000', 'open'])
    answers = false
    await pass(10_000)
    assert.deepEqual([sockets[0]?.isClosed, names().at(-1)], [true, 'waiting'])
    end()
    await shell.done
  })
})
