import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import { createKubeClient, type KubeClient } from '@flotilla/kube'
import type { KubeObject } from '@flotilla/model'
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
    const ways = { direct: east, proxied: await openProxied(world) }
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
        `round ${round + 1}: p99 ${p99('direct')} ms direct, ${p99('proxied')} ms proxied; lists ${lists.direct.at(-1)?.toFixed(1)} and ${lists.proxied.at(-1)?.toFixed(1)} /s`,
      )
    }
    await ways.proxied.close()
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

/** The same client as for the API server itself, at the server's address for it. */
async function openProxied({ server }: World): Promise<KubeClient> {
  const api = await server.api()
  const { tls, items } = await api.kubernetes.clusters()
  const { token } = await api.kubernetes.token({ body: {} })
  const path = items.find(({ name }) => name === 'east')?.path ?? ''
  return createKubeClient({
    name: 'east through the proxy',
    userAgent: 'flotilla-bench',
    connection: {
      server: `${server.url.replace('http:', 'https:')}${path}`,
      caPem: tls?.ca,
      tlsServerName: tls?.serverName,
      auth: { kind: 'token', token: () => token },
    },
  })
}

/** Milliseconds from when each request was due to its answer; a slow one delays none of the others. */
async function getAtRate(way: KubeClient, path: string, forSeconds: number, signal: AbortSignal): Promise<number[]> {
  const began = performance.now()
  const asked: Promise<number>[] = []
  for (let at = 0; at < perSecond * forSeconds; at++) {
    const due = began + (at * 1000) / perSecond
    const early = due - performance.now()
    if (early > 1) await wait(early, undefined, { signal })
    asked.push(
      way.request<KubeObject>({ method: 'GET', path }).then(({ body }) => {
        assert.equal(body.metadata.name, 'map-1')
        return performance.now() - due
      }),
    )
  }
  return await Promise.all(asked)
}

/** Lists a second. */
async function listFor(way: KubeClient, path: string): Promise<number> {
  const began = performance.now()
  let lists = 0
  const read = async (): Promise<void> => {
    while (performance.now() - began < listSeconds * 1000) {
      const { body } = await way.request<KubeObject & { items: unknown[] }>({ method: 'GET', path })
      // its controller puts one of its own there
      assert.ok(body.items.length === listed || body.items.length === listed + 1, `${body.items.length} objects`)
      lists++
    }
  }
  await Promise.all(Array.from({ length: listers }, read))
  return lists / ((performance.now() - began) / 1000)
}
