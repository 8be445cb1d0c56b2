import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { createKubeClient, systemClock } from '@flotilla/kube'
import { known, unknown } from '@flotilla/model'
import type { FleetConnections } from '../../fleet/connections.ts'
import { createLiveState } from './create-live-state.ts'

/** Serves an empty list of a few kinds, by hand: a real cluster would not say who watches. */
async function openMember(signal: AbortSignal) {
  const watched = new Set<string>()
  const kinds = ['ConfigMap', 'Secret', 'Service']
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://member')
    const send = (body: unknown): void => void response.end(JSON.stringify(body))
    response.setHeader('content-type', 'application/json')
    if (url.pathname === '/api') return send(discovery(kinds))
    if (url.pathname === '/apis') return send({ kind: 'APIGroupDiscoveryList', items: [] })
    if (url.searchParams.get('watch') !== 'true') return send({ metadata: { resourceVersion: '1' }, items: [] })
    watched.add(url.pathname)
    response.once('close', () => watched.delete(url.pathname))
    response.flushHeaders()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const connection = { server: `http://127.0.0.1:${port}`, auth: { kind: 'anonymous' } } as const
  signal.addEventListener('abort', () => {
    server.closeAllConnections()
    server.close()
  })
  return { watched, connection }
}

const discovery = (kinds: readonly string[]) => ({
  kind: 'APIGroupDiscoveryList',
  items: [
    {
      metadata: { name: '' },
      versions: [
        {
          version: 'v1',
          resources: kinds.map((kind) => ({
            resource: `${kind.toLowerCase()}s`,
            responseKind: { group: '', version: 'v1', kind },
            scope: 'Namespaced',
            verbs: ['list', 'watch'],
          })),
        },
      ],
    },
  ],
})

const kind = (name: string) => ({ group: '', kind: name })

async function openLive() {
  const life = new AbortController()
  const { signal } = life
  const { watched, connection } = await openMember(signal)
  const client = createKubeClient({ name: 'east', connection, userAgent: 'test' })
  const entry = {
    name: 'east',
    labels: {},
    edge: false,
    connection: { state: 'connected', since: '', version: 'v1.36.3' },
  } as const
  const fleet: FleetConnections = {
    host: client,
    list: () => [entry],
    get: () => entry,
    client: () => known(client),
    deliveryClient: () => unknown('not asked for'),
    onChange: () => () => {},
  }
  const live = createLiveState({ fleet, digestKey: new Uint8Array(32), clock: systemClock, signal })
  const until = async (what: string, is: () => boolean): Promise<void> => {
    const end = Date.now() + 5_000
    while (!is()) {
      assert.ok(Date.now() < end, what)
      await wait(10)
    }
  }
  const close = async (): Promise<void> => {
    life.abort()
    await client.close()
  }
  return { live, watched, until, close }
}

test('kinds that a tenant made up take no place from other deliveries', async () => {
  const { live, until, close } = await openLive()
  try {
    for (let round = 0; round < 5; round++) {
      const invented = Array.from({ length: 100 }, (_, at) => kind(`Invented${round}x${at}`))
      live.wantFor('east', `hostile-${round}`, invented)
    }
    live.wantFor('east', 'honest', [kind('ConfigMap'), kind('Secret')])
    await until('the other delivery is seen', () => live.objects('east', 'honest').known)
    await until('a kind that is not there is known to have nothing', () => live.objects('east', 'hostile-0').known)
  } finally {
    await close()
  }
})

test('a delivery of too many kinds is told so', async () => {
  const { live, close } = await openLive()
  try {
    live.wantFor('east', 'greedy', [...Array.from({ length: 100 }, (_, at) => kind(`K${at}`)), kind('ConfigMap')])
    for (let tries = 0; tries < 500 && !/100 kinds/.test(reasonOf(live.objects('east', 'greedy'))); tries++)
      await wait(10)
    assert.match(reasonOf(live.objects('east', 'greedy')), /ConfigMap: not watched; one delivery may have 100 kinds/)
  } finally {
    await close()
  }
})

const reasonOf = (sight: { known: true } | { known: false; reason: string }): string =>
  sight.known ? '' : sight.reason

test('a kind is watched as long as any delivery wants it', async () => {
  const { live, watched, until, close } = await openLive()
  const paths = (): string => [...watched].sort().join(' ')
  try {
    live.wantFor('east', 'a', [kind('ConfigMap'), kind('Secret')])
    live.wantFor('east', 'b', [kind('Secret'), kind('Service')])
    await until('all are watched', () => paths() === '/api/v1/configmaps /api/v1/secrets /api/v1/services')
    live.wantFor('east', 'a', [kind('ConfigMap'), kind('Secret')])
    live.forget('east', 'b')
    await until('what b alone wanted is let go of', () => paths() === '/api/v1/configmaps /api/v1/secrets')
    live.wantFor('east', 'a', [kind('Secret')])
    await until('what a wants no more as well', () => paths() === '/api/v1/secrets')
    assert.ok(live.objects('east', 'a').known)
    live.wantFor('east', 'a', [kind('ConfigMap')])
    await until('it comes back', () => paths() === '/api/v1/configmaps' && live.objects('east', 'a').known)
  } finally {
    await close()
  }
})
