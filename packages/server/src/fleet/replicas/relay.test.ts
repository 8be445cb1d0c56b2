import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { connect } from 'node:tls'
import { text } from 'node:stream/consumers'
import { before, describe, test, type TestContext } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { silentLog } from '@flotilla/engine'
import { systemClock } from '@flotilla/kube'
import { createTestClock } from '@flotilla/kube/testing/clock'
import { listen, openWire, portOf } from '@flotilla/tunnel/testing/open-wire'
import { type KeyedCertificate, makeCertificate } from '../../http/tls/make-certificate.ts'
import { createAgentTunnels } from '../agents/agent-tunnels.ts'
import { createRelayDoor } from './relay-door.ts'
import { createRelayedTunnel, type PeerTrust, type RelayOptions, relayPath } from './relayed-tunnel.ts'
import { createReplicaTokens } from './replica-token.ts'
import { trustGiven } from './trust-given.ts'

const key = Buffer.alloc(32, 1)
const tokens = createReplicaTokens({ key, clock: systemClock })
const held = { cluster: 'east', class: 'bulk', epoch: 7 } as const
const account = { caPem: 'ca', token: 'a-token', serverName: '10.0.0.1' }
const signal = (): AbortSignal => AbortSignal.timeout(5_000)

/** How much of what was sent came back. */
async function echo(stream: Duplex, bytes: number): Promise<number> {
  stream.write('x'.repeat(bytes))
  let came = 0
  for await (const part of stream as AsyncIterable<Buffer>) {
    came += part.length
    if (came >= bytes) break
  }
  return came
}

async function* tell(line: string): AsyncGenerator<string> {
  yield `${line}\n`
  await wait(60_000, undefined, { ref: false })
}

describe('a tunnel that ends in another server', () => {
  let authority: KeyedCertificate
  let own: KeyedCertificate
  before(async () => {
    authority = await makeCertificate({ commonName: 'Flotilla', days: 1 }, Date.now())
    own = await makeCertificate({ commonName: 'flotilla', days: 1, names: ['flotilla'], authority }, Date.now())
  })
  const byAuthority = (): PeerTrust => ({ ca: authority.cert, serverName: 'flotilla' })

  /** One server with an agent, and another that reaches it. */
  async function openBoth(t: TestContext, trust: RelayOptions['trust'] = byAuthority, asks = tokens) {
    const here = createAgentTunnels({ clock: systemClock, log: silentLog, port: 443 })
    const target = await listen((socket) => socket.pipe(socket))
    t.after(target.close)
    for (const ofClass of ['interactive', 'bulk'] as const) {
      const wire = await openWire({
        target: target.port,
        answer: ({ method, path, body }) =>
          method === 'PUT' ? tell(`kept ${body}`) : path === '/v1/account' ? tell(JSON.stringify(account)) : undefined,
      })
      t.after(wire.close)
      here.take(wire.server, { ...held, class: ofClass, keyHash: 'k' })
    }
    const door = createRelayDoor({ tokens, find: (one) => here.find(one) })
    const server = createServer({ cert: own.cert, key: own.key })
    server.on('upgrade', (request, socket, head) => void door.upgrade(request, socket, head))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => server.close())
    const address = `127.0.0.1:${portOf(server)}`
    const relay = (one = held as Parameters<typeof here.find>[0]) =>
      createRelayedTunnel({ tunnel: one, address, tokens: asks, trust })
    const there = createAgentTunnels({ clock: systemClock, log: silentLog, port: 443 })
    const present = (shown: KeyedCertificate): void => server.setSecureContext(shown)
    return { here, there, relay, address, present }
  }

  test('carries connections, and tells how to prove oneself to the cluster', async (t) => {
    const { here, there, relay } = await openBoth(t)
    for (const ofClass of ['interactive', 'bulk'] as const) {
      assert.ok(there.wants({ ...held, class: ofClass }))
      there.take(relay({ ...held, class: ofClass }), { ...held, class: ofClass, keyHash: undefined })
    }
    assert.equal(there.wants(held), false)
    for (let tries = 0; tries < 200 && there.account('east') === undefined; tries++) await wait(10)
    assert.deepEqual(there.account('east'), account)
    assert.deepEqual([there.isConnected('east'), there.held(), here.held().length], [true, [], 2])
    const stream = await there.connectTo('east')({ host: 'x', port: 443, signal: signal(), purpose: 'bulk' })
    assert.equal(await echo(stream, 3_000_000), 3_000_000)
    // the key is judged where the tunnel ends
    there.endUnless('east', () => false)
    assert.equal(there.isConnected('east'), true)
    const answer = await relay({ ...held, class: 'interactive' }).ask(
      { method: 'PUT', path: '/v1/token', body: 'next' },
      signal(),
    )
    const [line] = (await once(answer, 'data')) as [Buffer]
    assert.equal(line.toString(), 'kept next\n')
    answer.destroy()
  })

  test('is known by the certificate that all servers were given, and not by who vouches for it', async (t) => {
    const names = ['flotilla.example']
    const make = () => makeCertificate({ commonName: 'flotilla', days: 1, names, authority }, Date.now())
    const [first, second, strangers] = [await make(), await make(), await make()]
    // as an authority gives it: the server's, and then its own
    const chained = ({ cert, key }: KeyedCertificate): KeyedCertificate => ({ cert: `${cert}${authority.cert}`, key })
    const clock = createTestClock()
    let files: KeyedCertificate | undefined = chained(first)
    const renew = async () => files ?? Promise.reject(new Error('ENOENT'))
    const trust = trustGiven({ certificate: files, renew }, clock)
    const { relay, present } = await openBoth(t, trust)
    const reaches = async (shown: KeyedCertificate): Promise<boolean> => {
      present(shown)
      return relay()
        .dial(signal())
        .then(
          async (stream) => (await echo(stream, 5)) === 5,
          (thrown: Error) => thrown.name !== 'TunnelError' && Promise.reject(thrown),
        )
    }
    assert.equal(await reaches(chained(first)), true)
    assert.equal(await reaches(chained(strangers)), false)
    assert.equal(await reaches({ ...strangers, cert: `${strangers.cert}${first.cert}` }), false)
    files = chained(second)
    assert.equal(await reaches(chained(second)), true)
    assert.equal(await reaches(chained(first)), true, 'it has not taken the next one up yet')
    files = undefined
    assert.equal(await reaches(second), true)
    files = { ...first, cert: first.cert.slice(0, 100) }
    assert.equal(await reaches(second), true)
    clock.advance(3_600_000)
    assert.equal(await reaches(chained(first)), false)
    assert.equal(await reaches(chained(second)), true)
  })

  test('is not asked for where another certificate is shown, nor given to whoever lacks the key', async (t) => {
    const strangers = await makeCertificate({ commonName: 'flotilla', days: 1, names: ['flotilla'] }, Date.now())
    for (const trust of [
      { ca: strangers.cert, serverName: 'flotilla' },
      { certificates: [strangers.cert] },
      // what signed it is not it, also where it might sign
      { certificates: [authority.cert] },
    ]) {
      const { relay } = await openBoth(t, () => trust)
      await assert.rejects(relay().dial(signal()), { name: 'TunnelError' })
    }
    const others = createReplicaTokens({ key: Buffer.alloc(32, 2), clock: systemClock })
    const { relay, address } = await openBoth(t, byAuthority, others)
    await assert.rejects(relay().dial(signal()), { name: 'TunnelError', code: 'ECONNREFUSED' })
    const old = createReplicaTokens({ key, clock: { now: () => Date.now() - 60_000 } }).issue()
    for (const authorization of ['', 'Bearer ', `Bearer ${old}`, `Bearer ${old.slice(0, -1)}`, 'Bearer flp_a.b']) {
      const socket = connect({
        host: '127.0.0.1',
        port: Number(address.split(':')[1]),
        ca: authority.cert,
        servername: 'flotilla',
      })
      socket.write(
        `GET ${relayPath} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: x\r\nflotilla-ask: dial\r\nauthorization: ${authorization}\r\n\r\n`,
      )
      assert.match(await text(socket), /^HTTP\/1\.1 401 /)
    }
  })

  test('is refused when it ended, or is of an agent that was replaced', async (t) => {
    const { relay } = await openBoth(t)
    await assert.rejects(relay({ ...held, epoch: 6 }).dial(signal()), { code: 'ECONNRESET' })
    await assert.rejects(relay({ ...held, cluster: 'west' }).dial(signal()), { code: 'ECONNRESET' })
    const tunnel = relay()
    const stream = await tunnel.dial(signal())
    tunnel.end('lost')
    await once(stream, 'close')
    assert.equal(await tunnel.ended, 'lost')
    await assert.rejects(tunnel.dial(signal()), { code: 'ECONNRESET' })
  })

  test('of a newer agent takes the place of an older one that ends here', async (t) => {
    const { here, there, relay } = await openBoth(t)
    const old = here.find(held)
    const newer = { ...held, epoch: 8 }
    assert.ok(here.wants(newer))
    here.take(relay(newer), { ...newer, keyHash: undefined })
    assert.equal(await old?.ended, 'fenced')
    assert.equal(here.admit('east', 7), undefined)
    assert.ok((here.admit('east', 0) ?? 0) > 8)
    assert.deepEqual(there.held(), [])
  })
})
