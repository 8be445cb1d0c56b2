import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type Change, createApiClient, type StreamEvent } from '@flotilla/api'
import { apiVersion } from '@flotilla/model'
import {
  application,
  cluster,
  delivery,
  type HttpFixture,
  httpFixture,
  membership,
  signIn,
} from '../testing/http-fixture.ts'

let fixture: HttpFixture
let url: string
const dora = 'flotilla:workspace:uid-retail:developer'

before(async () => {
  fixture = await httpFixture({ streamLimits: { slowMs: 400, heartbeatMs: 200, checkMs: 100, gatherMs: 10, kept: 50 } })
  fixture.host.allow = ({ groups, namespace }) =>
    groups.includes('flotilla:platform:admin') ||
    (groups.includes(dora) && ['pj-shop', 'ws-retail'].includes(namespace))
  ;({ url } = await fixture.http.listen({ host: '127.0.0.1', port: 0 }))
})
after(() => fixture.close())

interface Reader {
  readonly events: StreamEvent[]
  until(found: (event: StreamEvent) => boolean): Promise<StreamEvent>
  stop(): Promise<void>
}

/** Reads with the typed client, as the console does. */
async function read(user: string, topics: string, query: Record<string, string> = {}): Promise<Reader> {
  const { authorization } = await signIn(fixture, user)
  return readAs(authorization, topics, query)
}

async function readAs(authorization: string, topics: string, query: Record<string, string> = {}): Promise<Reader> {
  const token = authorization.slice('Bearer '.length)
  const events: StreamEvent[] = []
  const stop = new AbortController()
  const client = createApiClient({ baseUrl: url, token })
  const work = (async () => {
    for await (const event of client.stream.watch({ query: { topics, ...query }, signal: stop.signal }))
      events.push(event)
  })()
  const until: Reader['until'] = async (found) => {
    for (let at = 0; at < 500; at++) {
      const event = events.find(found)
      if (event !== undefined) return event
      await wait(10)
    }
    throw new Error(`not seen; seen: ${JSON.stringify(events)}`)
  }
  await until((event) => event.event === 'hello')
  return {
    events,
    until,
    stop: async () => {
      stop.abort()
      await work
    },
  }
}

const changeOf = (topic: Change['topic'], key: string) => (event: StreamEvent) =>
  event.event === 'change' && event.data.topic === topic && event.data.key === key

describe('the live stream', () => {
  test('says what changed, whole, and what is gone', async () => {
    const reader = await read('admin', 'applications,clusters,application:shop/web')
    fixture.state.applications.put(application('web'))
    fixture.state.deliveries.put(delivery('web', 'east'))
    const row = await reader.until(
      (event) =>
        event.event === 'change' && event.data.topic === 'applications' && event.data.row?.clusters.length === 1,
    )
    assert.ok(row.event === 'change' && row.data.topic === 'applications')
    assert.equal(row.data.row?.name, 'web')
    await reader.until(
      (event) =>
        event.event === 'change' && event.data.topic === 'application' && event.data.row?.matrix.cells.length === 1,
    )
    fixture.state.clusters.put(cluster('north'))
    await reader.until(changeOf('clusters', 'north'))
    fixture.state.clusters.remove('', 'north')
    await reader.until(
      (event) => event.event === 'change' && event.data.topic === 'clusters' && event.data.row === null,
    )
    await reader.until((event) => event.event === 'heartbeat')
    await reader.stop()
  })

  test('says what a move waits for, and that it is gone', async () => {
    const reader = await read('admin', 'moves')
    const place = { cluster: 'east', namespace: 'shop' }
    fixture.state.moves.put({
      apiVersion,
      kind: 'Move',
      metadata: { name: 'web-1', namespace: 'pj-shop' },
      spec: {
        application: 'web',
        from: { clusters: ['west'] },
        to: { clusters: ['east'] },
        author: 'flotilla:user:gone',
        control: {},
      },
      status: { phase: 'Draining', waitingFor: 'a Job', pairs: [{ from: place, to: place }] },
    })
    const told = await reader.until(changeOf('moves', 'shop/web-1'))
    assert.ok(told.event === 'change' && told.data.topic === 'moves')
    assert.equal(told.data.row?.application, 'web')
    assert.equal(told.data.row?.waitingFor, 'a Job')
    assert.equal(told.data.row?.ended, false)
    fixture.state.moves.remove('pj-shop', 'web-1')
    await reader.until((event) => event.event === 'change' && event.data.topic === 'moves' && event.data.row === null)
    await reader.stop()
  })

  test('holds only what the reader may list, and follows when that changes', async () => {
    const reader = await read('dora', 'applications')
    fixture.state.applications.put(application('theirs', 'other'))
    fixture.state.applications.put(application('ours', 'shop'))
    await reader.until(changeOf('applications', 'shop/ours'))
    assert.ok(!reader.events.some(changeOf('applications', 'other/theirs')))
    fixture.state.memberships.remove('ws-retail', 'dora-developer')
    try {
      await reader.until((event) => event.event === 'reset')
      const before = reader.events.length
      fixture.state.applications.put(application('later', 'shop'))
      await wait(150)
      assert.ok(!reader.events.slice(before).some((event) => event.event === 'change'))
    } finally {
      fixture.state.memberships.put(membership('dora', 'ws-retail', 'developer'))
    }
    await reader.stop()
  })

  test('goes on after Last-Event-ID with what was missed, each thing once', async () => {
    const first = await read('admin', 'clusters')
    fixture.state.clusters.put(cluster('one'))
    const seen = await first.until(changeOf('clusters', 'one'))
    await first.stop()
    assert.ok(seen.event === 'change')
    fixture.state.clusters.put(cluster('two'))
    fixture.state.clusters.put(cluster('two'))
    const second = await read('admin', 'clusters', { lastEventId: seen.id })
    await second.until(changeOf('clusters', 'two'))
    await wait(50)
    const hello = second.events.find((event) => event.event === 'hello')
    assert.ok(hello?.event === 'hello' && hello.data.resumed)
    assert.equal(second.events.filter((event) => event.event === 'change').length, 1)
    await second.stop()
  })

  test('says reset where what was missed is not kept any more', async () => {
    const first = await read('admin', 'clusters')
    const hello = await first.until((event) => event.event === 'hello')
    await first.stop()
    assert.ok(hello.event === 'hello')
    for (let at = 0; at < 200; at++) fixture.state.clusters.put(cluster(`c${at}`))
    const late = await read('admin', 'clusters', { lastEventId: hello.id })
    await late.until((event) => event.event === 'reset')
    const other = await read('admin', 'clusters', { lastEventId: 'ffffffffffff-1' })
    await other.until((event) => event.event === 'reset')
    await late.stop()
    await other.stop()
    for (let at = 0; at < 200; at++) fixture.state.clusters.remove('', `c${at}`)
  })

  test('ends within seconds when the session ends', async () => {
    const headers = await signIn(fixture, 'admin')
    const reader = await readAs(headers.authorization, 'clusters')
    await fixture.http.app.inject({ method: 'DELETE', url: '/api/v1/session', headers })
    const end = await reader.until((event) => event.event === 'end')
    assert.ok(end.event === 'end' && end.data.code === 'signed-out')
    await reader.stop()
  })

  test('ends within seconds when its API token is revoked, and when the time of one is over', async () => {
    const headers = await signIn(fixture, 'admin')
    const make = async () => {
      const payload = { name: 'stream', days: 1 }
      const answer = await fixture.http.app.inject({ method: 'POST', url: '/api/v1/tokens', headers, payload })
      return answer.json<{ id: string; token: string }>()
    }
    const [revoked, short] = [await make(), await make()]
    const readers = await Promise.all([revoked, short].map(({ token }) => readAs(`Bearer ${token}`, 'clusters')))
    await fixture.http.app.inject({ method: 'DELETE', url: `/api/v1/tokens/${revoked.id}`, headers })
    const [first, second] = readers
    assert.ok(await first?.until((event) => event.event === 'end'))
    assert.ok(!second?.events.some((event) => event.event === 'end'))
    fixture.ahead = 25 * 3_600_000
    try {
      const end = await second?.until((event) => event.event === 'end')
      assert.ok(end?.event === 'end' && end.data.code === 'signed-out')
    } finally {
      fixture.ahead = 0
    }
    await Promise.all(readers.map((reader) => reader.stop()))
  })

  test('ends within seconds when the person is disabled, although the store does not answer', async (t) => {
    const reader = await read('eve', 'clusters')
    t.mock.method(fixture.store.sessions, 'get', () => new Promise(() => undefined))
    const eve = fixture.state.users.get('', 'eve')
    assert.ok(eve)
    fixture.state.users.put({ ...eve, spec: { ...eve.spec, disabled: true } })
    const ended = await reader.until((event) => event.event === 'end')
    assert.ok(ended.event === 'end' && ended.data.code === 'signed-out')
    fixture.state.users.put(eve)
    await reader.stop()
  })

  test('many changes of one thing come as few', async () => {
    const reader = await read('admin', 'clusters')
    for (let at = 0; at < 1000; at++) fixture.state.clusters.put(cluster('busy'))
    await reader.until(changeOf('clusters', 'busy'))
    await wait(100)
    assert.ok(reader.events.filter(changeOf('clusters', 'busy')).length <= 5)
    await reader.stop()
  })

  test('drops a reader that takes nothing, with bounded memory, while others go on', async (t) => {
    const { authorization } = await signIn(fixture, 'admin')
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    t.after(() => socket.destroy())
    let tail = ''
    let closed = false
    const over = () => closed || tail.endsWith('0\r\n\r\n')
    let paused = false
    socket.on('data', (bytes) => {
      tail = (tail + bytes.toString()).slice(-2000)
      if (paused || !tail.includes('event: hello')) return
      paused = true
      socket.pause()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => (closed = true))
    socket.write(
      `GET /api/v1/stream?topics=applications HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n\r\n`,
    )
    while (!socket.isPaused()) await wait(10)
    const reader = await read('admin', 'applications')
    t.after(() => reader.stop())
    const big = { components: Array.from({ length: 50 }, (_, at) => ({ name: `c${at}`, manifests: { inline: 'x' } })) }
    const memory = process.memoryUsage().heapUsed
    const until = Date.now() + 90_000
    let round = 0
    // more than the kernel's buffers take
    while (fixture.http.readers() > 1 && Date.now() < until) {
      round++
      for (let at = 0; at < 200; at++) fixture.state.applications.put(application(`big${at}`, 'shop', big))
      await wait(20)
    }
    assert.equal(fixture.http.readers(), 1, 'the slow reader was not dropped')
    assert.ok(process.memoryUsage().heapUsed - memory < 200 * 1024 * 1024)
    await reader.until(changeOf('applications', 'shop/big199'))
    assert.ok(round > 0)
    socket.resume()
    for (let at = 0; at < 3_000 && !over(); at++) await wait(10)
    assert.ok(over(), 'the answer goes on')
    if (!closed) assert.match(tail, /event: end\ndata: \{"code":"slow"/)
    for (let at = 0; at < 200; at++) fixture.state.applications.remove('pj-shop', `big${at}`)
  })
})
