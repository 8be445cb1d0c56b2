import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import { Agent, type Dispatcher } from 'undici'
import { parse } from 'yaml'
import { openWorld, type World } from './support/open-world.ts'
import { percentile, spreadOf } from './support/statistics.ts'
import type { Outcome } from './support/write-result.ts'
import type { RunOptions } from './run.ts'

const perSecond = 300
const seconds = 8
const listSeconds = 4
const listed = 400
const listers = 2
const extraToReachMs = 5
const ratioToReach = 0.8

/** One way to the same API server. */
interface Way {
  readonly origin: string
  readonly prefix: string
  readonly agent: Agent
  readonly headers: Readonly<Record<string, string>>
}

/** B8: what the server's Kubernetes proxy costs: GETs at a fixed rate, and lists as fast as they come. */
export async function runProxy({ rounds = 5, signal, say }: RunOptions): Promise<Outcome> {
  await using world = await openWorld({ members: { east: undefined } })
  const east = world.client('east')
  const namespace = `bench-proxy-${world.run}`
  await east.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  try {
    for (let at = 0; at < listed; at++) {
      const data = { text: `${at} `.repeat(400) }
      await east.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `map-${at}`, namespace }, data })
    }
    const ways = { direct: directWay(world), proxied: await proxiedWay(world) }
    const path = `/api/v1/namespaces/${namespace}/configmaps`
    const gets: Record<keyof typeof ways, number[][]> = { direct: [], proxied: [] }
    const lists: Record<keyof typeof ways, number[]> = { direct: [], proxied: [] }
    for (let round = 0; round < rounds; round++) {
      // in turn, and the other one first in every second round
      const order = round % 2 === 0 ? (['direct', 'proxied'] as const) : (['proxied', 'direct'] as const)
      for (const side of order) {
        await getAtRate(ways[side], `${path}/map-1`, 1, signal)
        gets[side].push(await getAtRate(ways[side], `${path}/map-1`, seconds, signal))
        lists[side].push(await listFor(ways[side], path))
      }
      const p99 = (side: keyof typeof ways) => percentile(gets[side].at(-1) ?? [], 99).toFixed(1)
      say(
        `round ${round + 1}: p99 ${p99('direct')} ms direct, ${p99('proxied')} ms proxied; lists ${lists.direct.at(-1)?.toFixed(1)} and ${lists.proxied.at(-1)?.toFixed(1)} MB/s`,
      )
    }
    await Promise.all(Object.values(ways).map(({ agent }) => agent.close()))
    const extra = gets.direct.map((direct, at) => percentile(gets.proxied[at] ?? [], 99) - percentile(direct, 99))
    const ratio = lists.direct.map((direct, at) => (lists.proxied[at] ?? 0) / direct)
    const [extraSpread, ratioSpread] = [spreadOf(extra), spreadOf(ratio)]
    const p99s = (side: keyof typeof ways) => spreadOf(gets[side].map((all) => percentile(all, 99)))
    return {
      title: 'the Kubernetes proxy beside the API server itself',
      conditions: [
        `GETs of one ConfigMap at ${perSecond}/s for ${seconds} s, timed from the moment at which each was due; lists of ${listed} ConfigMaps by ${listers} readers for ${listSeconds} s.`,
        'Both ways over TLS with connections that stay open; through the server a person is authenticated, found and impersonated for each request. Asker, server and API server share the two processors.',
      ],
      checked: 'every GET gave the object that was asked for, every list all of the objects.',
      versions: world.versions,
      figures: [
        {
          what: 'GET p99, proxied less direct',
          unit: 'ms',
          value: extraSpread,
          toReach: `<= ${extraToReachMs} ms`,
          reached: extraSpread.median <= extraToReachMs,
        },
        { what: 'GET p99, direct', unit: 'ms', value: p99s('direct') },
        { what: 'GET p99, proxied', unit: 'ms', value: p99s('proxied') },
        {
          what: 'List throughput, proxied / direct',
          unit: 'x',
          value: ratioSpread,
          toReach: `>= ${ratioToReach}`,
          reached: ratioSpread.median >= ratioToReach,
        },
      ],
      samples: {
        p99: {
          direct: gets.direct.map((all) => percentile(all, 99)),
          proxied: gets.proxied.map((all) => percentile(all, 99)),
        },
        lists,
      },
    }
  } finally {
    await east.delete({ group: '', kind: 'Namespace', name: namespace })
  }
}

const connections = 32

function directWay({ fleet }: World): Way {
  const config = parse(fleet.clusters['east']?.kubeconfig ?? '') as {
    clusters: { cluster: Record<string, string> }[]
    users: { user: Record<string, string> }[]
  }
  const text = (value: string | undefined): string => Buffer.from(value ?? '', 'base64').toString()
  const [{ cluster }, { user }] = [config.clusters[0] ?? { cluster: {} }, config.users[0] ?? { user: {} }]
  return {
    origin: cluster['server'] ?? '',
    prefix: '',
    headers: {},
    agent: new Agent({
      connections,
      connect: {
        ca: text(cluster['certificate-authority-data']),
        cert: text(user['client-certificate-data']),
        key: text(user['client-key-data']),
      },
    }),
  }
}

async function proxiedWay({ server }: World): Promise<Way> {
  const api = await server.api()
  const { tls, items } = await api.kubernetes.clusters()
  const { token } = await api.kubernetes.token({ body: {} })
  return {
    origin: server.url.replace('http:', 'https:'),
    prefix: items.find(({ name }) => name === 'east')?.path ?? '',
    headers: { authorization: `Bearer ${token}` },
    agent: new Agent({ connections, connect: { ca: tls?.ca ?? '', servername: tls?.serverName ?? '' } }),
  }
}

function ask({ origin, prefix, agent, headers }: Way, path: string): Promise<Dispatcher.ResponseData> {
  return agent.request({ origin, path: `${prefix}${path}`, method: 'GET', headers })
}

/** Milliseconds from when each request was due to its last byte; a slow answer delays none of the others. */
async function getAtRate(way: Way, path: string, forSeconds: number, signal: AbortSignal): Promise<number[]> {
  const began = performance.now()
  const asked: Promise<number>[] = []
  for (let at = 0; at < perSecond * forSeconds; at++) {
    const due = began + (at * 1000) / perSecond
    const early = due - performance.now()
    if (early > 1) await wait(early, undefined, { signal })
    asked.push(
      ask(way, path).then(async ({ statusCode, body }) => {
        const object = (await body.json()) as { metadata?: { name?: string } }
        assert.deepEqual([statusCode, object.metadata?.name], [200, 'map-1'])
        return performance.now() - due
      }),
    )
  }
  return await Promise.all(asked)
}

/** Megabytes a second. */
async function listFor(way: Way, path: string): Promise<number> {
  const began = performance.now()
  let bytes = 0
  const read = async (): Promise<void> => {
    while (performance.now() - began < listSeconds * 1000) {
      const { statusCode, body } = await ask(way, path)
      const text = await body.text()
      assert.deepEqual([statusCode, text.split('"name":"map-').length - 1], [200, listed])
      bytes += text.length
    }
  }
  await Promise.all(Array.from({ length: listers }, read))
  return bytes / 1e6 / ((performance.now() - began) / 1000)
}
