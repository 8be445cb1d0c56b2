import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { setImmediate as settle } from 'node:timers/promises'
import { type Clock, createKubeClient, type KubeClient } from '@flotilla/kube'
import { FlotillaError, type KubeObject } from '@flotilla/model'
import { acquireLease } from './lease.ts'
import { silentLog } from './log.ts'

/** Time that stands still while the process is paused: no sleep ends, then the clock is far ahead at once. */
class PausedClock implements Clock {
  at = Date.now()
  /** What somebody set the time of day forward by. */
  set = 0
  now(): number {
    return this.at + this.set
  }
  elapsed(): number {
    return this.at
  }
  sleep(_ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new Error('ended')))
    })
  }
  random(): number {
    return 0
  }
}

const leases = {
  resource: 'leases',
  responseKind: { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease' },
  scope: 'Namespaced',
  verbs: ['get', 'create', 'update'],
}
const discovery = {
  kind: 'APIGroupDiscoveryList',
  items: [{ metadata: { name: 'coordination.k8s.io' }, versions: [{ version: 'v1', resources: [leases] }] }],
}

/** Takes what is written, and says which requests came; stands in for an API server, as nothing of one is asked for. */
async function openApi() {
  const seen: string[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      response.setHeader('content-type', 'application/json')
      if (request.url === '/api' || request.url === '/apis') return response.end(JSON.stringify(discovery))
      seen.push(`${request.method} ${request.url?.split('?')[0]}`)
      if (request.method !== 'GET') return response.end(Buffer.concat(chunks))
      response.statusCode = 404
      return response.end('{"kind":"Status","code":404,"reason":"NotFound","message":"none"}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = (): void => {
    server.closeAllConnections()
    server.close()
  }
  return { seen, close, connection: { server: `http://127.0.0.1:${port}`, auth: { kind: 'anonymous' } } as const }
}

test('a holder that was paused writes nothing when it wakes, before any timer says that its lease is over', async () => {
  const api = await openApi()
  const clock = new PausedClock()
  const life = new AbortController()
  const common = { connection: api.connection, userAgent: 'test' }
  const client = createKubeClient({ name: 'host', ...common })
  const lease = await acquireLease({
    client,
    namespace: 'flotilla-system',
    name: 'flotilla-server',
    identity: 'a',
    clock,
    log: silentLog,
    signal: life.signal,
  })
  const member = createKubeClient({
    name: 'east',
    ...common,
    beforeWrite: () => {
      if (!lease.isCurrent()) throw new FlotillaError('delivery.stale_writer', { message: 'late' })
    },
  })
  try {
    const request = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE') =>
      member.request({ method, path: '/api/v1/namespaces/a/configmaps/b', body: method === 'GET' ? undefined : {} })
    await request('PATCH')
    api.seen.length = 0
    clock.at += 9_000
    assert.ok(lease.isCurrent())
    clock.at += 2_000
    assert.equal(lease.signal.aborted, false, 'no timer ran')
    for (const method of ['POST', 'PATCH', 'DELETE'] as const) {
      await assert.rejects(request(method), { code: 'delivery.stale_writer' })
    }
    assert.deepEqual(api.seen, [])
    await assert.rejects(request('GET'), { code: 'kube.not_found' })
  } finally {
    life.abort()
    await Promise.all([client.close(), member.close()])
    api.close()
  }
})

/** A lease in memory with the versions of an API server; only what leases ask for. */
function openLease(spec: Record<string, unknown>) {
  const shown = { version: 1, spec }
  const object = (): KubeObject => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'l', namespace: 'n', resourceVersion: String(shown.version) },
    spec: shown.spec,
  })
  const update = async ({ metadata, spec: given }: KubeObject): Promise<KubeObject> => {
    if (metadata.resourceVersion !== String(shown.version))
      throw new FlotillaError('kube.conflict', { message: 'late' })
    shown.version++
    shown.spec = given as Record<string, unknown>
    return object()
  }
  const client = { find: async () => object(), update } as unknown as KubeClient
  return { client, shown }
}

test('setting the time ten minutes forward or back takes no lease from who renews it, and keeps none that is over', async () => {
  for (const jump of [-600_000, 600_000]) {
    const clock = new PausedClock()
    const { client, shown } = openLease({ holderIdentity: '', leaseTransitions: 1 })
    const life = new AbortController()
    const wakes: (() => void)[] = []
    clock.sleep = (_ms, signal) =>
      new Promise((resolve, reject) => {
        wakes.push(resolve)
        signal?.addEventListener('abort', () => reject(new Error('ended')))
      })
    const renewed = async (): Promise<void> => {
      clock.at += 3_000
      wakes.pop()?.()
      await settle()
    }
    const common = { client, namespace: 'n', name: 'l', clock, log: silentLog, signal: life.signal }
    const lease = await acquireLease({ ...common, identity: 'a' })
    clock.set = jump
    // it may have slept that long, and another may have taken over: nothing is written before that is known
    assert.equal(lease.isCurrent(), jump < 0, `set by ${jump}`)
    await renewed()
    assert.deepEqual([lease.isCurrent(), lease.signal.aborted, lease.epoch], [true, false, 2])
    assert.equal(shown.spec['leaseTransitions'], 2)

    const waiting = acquireLease({ ...common, identity: 'b' }).then(
      () => 'taken',
      () => 'ended',
    )
    await settle()
    clock.set = -jump
    for (let look = 0; look < 3; look++) {
      await renewed()
      assert.equal(shown.spec['holderIdentity'], 'a', 'whoever waits goes by what passed, not by what the clock says')
    }
    clock.set = jump
    clock.at += 11_000
    assert.equal(lease.isCurrent(), false, 'not renewed in time')
    life.abort()
    assert.equal(await waiting, 'ended')
  }
})

test("a clock of this machine that is ten minutes off takes nobody's lease", async () => {
  for (const off of [-600_000, 600_000]) {
    const clock = new PausedClock()
    const renewTime = new Date(clock.at + off).toISOString().replace('Z', '000Z')
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'l', namespace: 'n', resourceVersion: '1' },
      spec: { holderIdentity: 'b', leaseTransitions: 1, renewTime },
    } satisfies KubeObject
    const written: unknown[] = []
    // only what a waiting holder asks for
    const client = {
      find: async () => lease,
      update: async (object: unknown) => void written.push(object),
    } as unknown as Parameters<typeof acquireLease>[0]['client']
    const slept: number[] = []
    const life = new AbortController()
    clock.sleep = async (ms) => {
      slept.push(ms)
      if (slept.length === 5) life.abort(new Error('enough'))
      clock.at += 1_000
    }
    const options = { client, namespace: 'n', name: 'l', identity: 'a', clock, log: silentLog, signal: life.signal }
    await assert.rejects(acquireLease(options), /enough/)
    assert.deepEqual(written, [], `${off} ms off`)
  }
})
