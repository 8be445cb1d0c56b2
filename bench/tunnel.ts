import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:https'
import { type AddressInfo, connect as connectTcp } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { createTunnelAcceptor, parseTunnelRequest, type ServerTunnel, type TunnelClass } from '@flotilla/tunnel'
import { createTestCertificate } from '../packages/kube/src/testing/certificates.ts'
import { type LinkSettings, openLink, startWithPort } from './support/link.ts'
import { percentile, spreadOf } from './support/statistics.ts'
import type { Outcome } from './support/write-result.ts'
import type { RunOptions } from './run.ts'

const megabyte = 1e6
const far: LinkSettings = { delayMs: 20, bytesPerSecond: 12.5 * megabyte }
const near: LinkSettings = { delayMs: 0, bytesPerSecond: 0 }
const farBytes = 64 * megabyte
const nearBytes = 512 * megabyte
const copied = 1000 * megabyte
/** The copy is to end before everybody is tired. */
const copyLink: LinkSettings = { delayMs: far.delayMs, bytesPerSecond: 0 }
const keyEveryMs = 40
const ratioToReach = 0.8
const extraToReachMs = 20

/** B7: what the tunnel costs: throughput beside TLS that is dialled, and keystrokes during a copy. */
export async function runTunnel({ rounds = 5, signal, say }: RunOptions): Promise<Outcome> {
  const ratios: Record<'far' | 'near', number[]> = { far: [], near: [] }
  const rates: Record<'far' | 'near', { direct: number; tunnel: number }[]> = { far: [], near: [] }
  for (const [name, settings, bytes] of [
    ['far', far, farBytes],
    ['near', near, nearBytes],
  ] as const) {
    const site = await openSite(settings)
    try {
      for (let round = 0; round < rounds; round++) {
        signal.throwIfAborted()
        const rate = { direct: 0, tunnel: 0 }
        const order = round % 2 === 0 ? (['direct', 'tunnel'] as const) : (['tunnel', 'direct'] as const)
        for (const way of order) rate[way] = await download(await site.connect(way, 'bulk'), bytes)
        rates[name].push(rate)
        ratios[name].push(rate.tunnel / rate.direct)
        say(`${name} ${round + 1}: ${rate.direct.toFixed(1)} MB/s direct, ${rate.tunnel.toFixed(1)} MB/s by tunnel`)
      }
    } finally {
      site.close()
    }
  }
  const keys: number[] = []
  const site = await openSite(copyLink)
  try {
    const copy = download(await site.connect('tunnel', 'bulk'), copied)
    const typed = await type(await site.connect('tunnel', 'interactive'), copy)
    keys.push(...typed)
    say(
      `keystrokes: p50 ${percentile(keys, 50).toFixed(1)} ms, p99 ${percentile(keys, 99).toFixed(1)} ms of ${keys.length}`,
    )
  } finally {
    site.close()
  }
  const [farSpread, p99] = [spreadOf(ratios.far), percentile(keys, 99)]
  const allowed = 2 * copyLink.delayMs + extraToReachMs
  return {
    title: 'the tunnel beside TLS that is dialled',
    conditions: [
      `A line of ${2 * far.delayMs} ms there and back and ${far.bytesPerSecond / megabyte} MB/s for each connection, by a relay of our own; ${farBytes / megabyte} MB each. Loss is not simulated: a relay of TCP has no packets to lose.`,
      'Server, line, and the site with its agent are processes of their own, which share the two processors; TLS goes from the server to what plays the API server in both ways.',
      `Keystrokes: one each ${keyEveryMs} ms while ${copied / megabyte} MB are copied through the other tunnel of the same agent, over a line of ${2 * copyLink.delayMs} ms that carries as much as it can.`,
    ],
    checked: 'every byte arrived, and every keystroke came back as it was sent.',
    versions: {},
    figures: [
      {
        what: 'Throughput at 40 ms, tunnel / direct',
        unit: 'x',
        value: farSpread,
        toReach: `>= ${ratioToReach}`,
        reached: farSpread.median >= ratioToReach,
      },
      { what: 'Throughput at 0 ms, tunnel / direct', unit: 'x', value: spreadOf(ratios.near) },
      { what: 'Throughput at 0 ms by tunnel', unit: 'MB/s', value: spreadOf(rates.near.map((one) => one.tunnel)) },
      {
        what: 'Keystroke p99 during a copy',
        unit: 'ms',
        value: p99,
        toReach: `<= ${allowed} ms`,
        reached: p99 <= allowed,
      },
    ],
    samples: { rates, keys: { p50: percentile(keys, 50), p99, count: keys.length } },
  }
}

interface Site {
  connect(way: 'direct' | 'tunnel', of: TunnelClass): Promise<TLSSocket>
  close(): void
}

/** The server's side here, and at the other end of a line a site with its agent. */
async function openSite(settings: LinkSettings): Promise<Site> {
  const authority = createTestCertificate({ name: 'bench authority' })
  const { certPem: cert, keyPem: key } = createTestCertificate({ name: 'bench', issuer: authority })
  const ca = authority.certPem
  const children: ChildProcess[] = []
  const start = async (starting: Promise<{ child: ChildProcess; port: number }>): Promise<number> => {
    const { child, port } = await starting
    children.push(child)
    return port
  }
  const sitePort = await start(startWithPort('site-process.ts', [JSON.stringify({ cert, key, ca })]))
  const toSite = await start(openLink(sitePort, settings))
  const tunnels = new Map<TunnelClass, ServerTunnel>()
  const acceptor = createTunnelAcceptor()
  const server = createServer({ cert, key })
  const bothOpen = Promise.withResolvers<void>()
  server.on('upgrade', (request, socket, head: Buffer) => {
    const asked = parseTunnelRequest(request)
    assert.ok(asked !== undefined)
    void (async () => {
      const tunnel = await acceptor.accept({ request, socket, head }, { epoch: 1 })
      if (tunnel !== undefined) tunnels.set(asked.class, tunnel)
      if (tunnels.size === 2) bothOpen.resolve()
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const toServer = await start(openLink((server.address() as AddressInfo).port, settings))
  children[0]?.send(toServer)
  await bothOpen.promise
  return {
    connect: async (way, of) => {
      const socket: Duplex | undefined =
        way === 'direct'
          ? connectTcp({ port: toSite, host: '127.0.0.1', noDelay: true })
          : await tunnels.get(of)?.dial(AbortSignal.timeout(10_000))
      assert.ok(socket !== undefined)
      const secure = connectTls({ socket, ca, servername: 'bench' })
      await once(secure, 'secureConnect')
      // what ends with the site, after it was read
      secure.on('error', () => 'whoever reads is told')
      return secure
    },
    close: () => {
      for (const tunnel of tunnels.values()) tunnel.end('stopping')
      server.closeAllConnections()
      server.close()
      for (const child of children) child.disconnect()
    },
  }
}

/** Megabytes a second. */
async function download(socket: TLSSocket, bytes: number): Promise<number> {
  const began = performance.now()
  socket.write(`SEND ${bytes}\n`)
  let got = 0
  for await (const chunk of socket as AsyncIterable<Buffer>) got += chunk.length
  assert.equal(got, bytes)
  return bytes / megabyte / ((performance.now() - began) / 1000)
}

/** Milliseconds from each keystroke to its echo, until the copy has ended. */
async function type(socket: TLSSocket, copy: Promise<unknown>): Promise<number[]> {
  let isCopying = true
  const copied = copy.finally(() => {
    isCopying = false
  })
  copied.catch(() => 'told below')
  const took: number[] = []
  const sentAt: number[] = []
  socket.on('data', (echoed: Buffer) => {
    for (const key of echoed) {
      assert.equal(key, 'a'.charCodeAt(0))
      took.push(performance.now() - (sentAt[took.length] ?? 0))
    }
  })
  const more = () => isCopying
  while (more()) {
    sentAt.push(performance.now())
    socket.write('a')
    await wait(keyEveryMs)
  }
  await copied
  while (took.length < sentAt.length) await once(socket, 'data')
  socket.destroy()
  return took
}
