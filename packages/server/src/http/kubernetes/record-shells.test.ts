import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, request as startRequest, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, mock, test } from 'node:test'
import type { AsciicastLine, AuditEntry } from '@flotilla/api'
import { createKubeClient, type KubeClient } from '@flotilla/kube'
import { FlotillaError, known, unknown } from '@flotilla/model'
import { cluster, csrf, type HttpFixture, httpFixture, project, signIn } from '../testing/http-fixture.ts'
import { recordingLimits } from '../../audit/recording/record-shell.ts'
import { StandInHost } from '../testing/stand-in-host.ts'
import { until } from '../../testing/until.ts'

const shell = '/k8s/clusters/east/api/v1/namespaces/shop/pods/web/exec?command=sh&stdin=true&tty=true&container=main'
const frame = (channel: number, text: string): Buffer => {
  const payload = Buffer.concat([Buffer.from([channel]), Buffer.from(text)])
  return Buffer.concat([Buffer.from([0x82, payload.length]), payload])
}
const full = () => Promise.reject(new FlotillaError('store.unavailable', { message: 'disk full' }))

describe('recording shells through the proxy (a stand-in for the cluster)', () => {
  const entries: AuditEntry[] = []
  const asked: IncomingHttpHeaders[] = []
  let upstream: Server
  let client: KubeClient
  let fixture: HttpFixture
  let url = ''
  let token = ''
  before(async () => {
    upstream = createServer((_request, response) => response.writeHead(400).end('{}'))
    upstream.on('upgrade', (request, socket) => {
      asked.push(request.headers)
      // whoever leaves takes the connection along
      socket.on('end', () => socket.end())
      const accept = createHash('sha1')
        .update(`${String(request.headers['sec-websocket-key'])}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest('base64')
      const [protocol = ''] = String(request.headers['sec-websocket-protocol']).split(',')
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\nsec-websocket-protocol: ${protocol}\r\n\r\n`,
      )
      // a letter in two messages
      socket.write(
        Buffer.concat([frame(1, 'it costs '), Buffer.from([0x82, 3, 1, 0xe2, 0x82]), Buffer.from([0x82, 2, 1, 0xac])]),
      )
      socket.on('error', () => undefined)
      let heard = 0
      socket.on('data', (chunk: Buffer) => {
        heard += chunk.length
        // the size and what is typed
        if (heard < 40) return
        socket.write(frame(1, ' bye'))
        socket.write(frame(3, '{"metadata":{},"status":"Success"}'))
        socket.end(Buffer.from([0x88, 2, 0x03, 0xe8]))
      })
    })
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
    const { port } = upstream.address() as AddressInfo
    client = createKubeClient({
      name: 'east',
      connection: { server: `http://127.0.0.1:${port}`, auth: { kind: 'anonymous' } },
      userAgent: 'test',
    })
    const host = new StandInHost()
    host.allow = ({ user }) => user === 'flotilla:user:uid-admin'
    fixture = await httpFixture({
      // each thing is written at once
      recordingLimits: { ...recordingLimits, pieceBytes: 1 },
      fleet: {
        host: host.client(),
        list: () => [],
        get: () => undefined,
        client: () => known(client),
        deliveryClient: () => unknown('no delivery in this test'),
        onChange: () => () => undefined,
      },
      audit: {
        note: (entry) => void entries.push(entry),
        write: (entry) => Promise.resolve(void entries.push(entry)),
        flush: () => Promise.resolve(),
        verify: full,
        lastVerification: undefined,
      },
    })
    fixture.state.clusters.put(cluster('east'))
    setRecording('OutputAndInput')
    ;({ url } = await fixture.http.listen({ host: '127.0.0.1', port: 0 }))
    const given = await fixture.http.app.inject({
      method: 'POST',
      url: '/api/v1/kubernetes/token',
      headers: { ...csrf, ...(await signIn(fixture, 'admin')) },
      payload: {},
    })
    ;({ token } = given.json<{ token: string }>())
  })
  after(async () => {
    await fixture.close()
    await client.close()
    upstream.closeAllConnections()
    await new Promise((resolve) => upstream.close(resolve))
  })
  beforeEach(() => {
    entries.length = 0
    asked.length = 0
  })

  function setRecording(record: 'Never' | 'OutputAndInput'): void {
    const shop = project('shop', 'retail')
    const target = { cluster: 'east', namespace: 'shop', state: 'Ready' } as const
    fixture.state.projects.put({
      ...shop,
      spec: { ...shop.spec, shells: { record } },
      status: { ...shop.status, targets: [target] },
    })
  }

  /** Works in a shell as a browser does; gives what was said on which channel. */
  async function work(): Promise<string[]> {
    const bearer = `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString('base64url')}`
    const socket = new WebSocket(`${url.replace('http', 'ws')}${shell}`, [
      'v5.channel.k8s.io',
      'v4.channel.k8s.io',
      bearer,
    ])
    socket.binaryType = 'arraybuffer'
    const said: string[] = []
    await new Promise<void>((resolve) => {
      socket.addEventListener('open', () => {
        socket.send(Buffer.from('\u0004{"Width":100,"Height":40}'))
        socket.send(Buffer.from('\u0000hunter2\r'))
      })
      socket.addEventListener('message', ({ data }) => said.push(Buffer.from(data as ArrayBuffer).toString('latin1')))
      socket.addEventListener('close', () => resolve())
    })
    return said
  }

  const upgrade = (headers: Record<string, string>): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const all = { connection: 'Upgrade', authorization: `Bearer ${token}`, ...headers }
      const request = startRequest(`${url}${shell}`, { headers: all })
      request.on('upgrade', (_response, socket) => {
        socket.destroy()
        resolve({ status: 101, text: '' })
      })
      request.on('response', (response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => (text += chunk.toString()))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      })
      request.on('error', reject)
      request.end()
    })
  const webSocket = {
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.alloc(16).toString('base64'),
    'sec-websocket-protocol': 'v5.channel.k8s.io',
  }

  const read = async (name: string, id: string) =>
    await fixture.http.app.inject({
      method: 'GET',
      url: `/api/v1/audit/recordings/${id}`,
      headers: await signIn(fixture, name),
    })

  test('tells the person, keeps what was shown and typed, and chains its digest into the audit', async () => {
    const said = await work()
    assert.match(said[0] ?? '', /^.This shell is recorded: what it shows, and what you type\.\r\n$/)
    assert.match(said.at(-1) ?? '', /"status":"Success"/)
    const [headers] = asked
    assert.deepEqual(
      [headers?.['sec-websocket-protocol'], headers?.['sec-websocket-extensions'], headers?.['origin']],
      ['v5.channel.k8s.io, v4.channel.k8s.io', undefined, undefined],
    )
    const done = await until('the record of its end', async () => entries.find(({ result }) => result === 'allowed'))
    const [begun] = entries
    assert.deepEqual([begun?.result, begun?.details?.['recorded']], ['begun', 'OutputAndInput'])
    const id = String(done.details?.['recording'])
    assert.deepEqual([id, begun?.details?.['recording'], done.details?.['recordingWhole']], [done.request, id, true])

    const answer = await read('admin', id)
    assert.equal(answer.statusCode, 200)
    assert.equal(createHash('sha256').update(answer.body).digest('hex'), done.details?.['recordingSha256'])
    const [header, ...events] = answer.body
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as AsciicastLine)
    assert.ok(header !== undefined && 'version' in header)
    assert.equal(header.title, 'admin in east / shop / web / main')
    const textOf = (code: string) =>
      events.flatMap((event) => (Array.isArray(event) && event[1] === code ? [event[2]] : [])).join('')
    assert.deepEqual([textOf('o'), textOf('i')], ['it costs € bye', 'hunter2\r'])
    assert.ok(header.width === 100 || textOf('r') === '100x40')
    assert.ok(
      entries.some(({ verb }) => verb === 'audit.recording'),
      'who looks is written down, too',
    )
  })

  test('is read by nobody who may not read the audit there', async () => {
    await work()
    const done = await until('the record of its end', async () => entries.find(({ result }) => result === 'allowed'))
    assert.equal((await read('dora', done.request)).statusCode, 404)
    assert.equal((await read('admin', '00000000-0000-4000-8000-000000000000')).statusCode, 404)
  })

  test('refuses the shell when the recording cannot be begun, and ends it when it cannot go on', async () => {
    const { recordings } = fixture.store
    const failing = mock.method(recordings, 'begin', full)
    try {
      for (const headers of [webSocket, { upgrade: 'SPDY/3.1' }]) {
        const { status, text } = await upgrade(headers)
        assert.equal(status, 503)
        assert.match(text, /Shells are recorded here, and this one could not be/)
      }
      assert.equal(asked.length, 0)
    } finally {
      failing.mock.restore()
    }
    const breaking = mock.method(recordings, 'append', full)
    try {
      const said = await work()
      assert.match(said.at(-1) ?? '', /^.\{.*could not be/)
    } finally {
      breaking.mock.restore()
    }
  })

  test('refuses what it cannot read, with what to use instead', async () => {
    const protocols = 'channel.k8s.io, base64.channel.k8s.io'
    for (const headers of [{ upgrade: 'SPDY/3.1' }, { ...webSocket, 'sec-websocket-protocol': protocols }]) {
      const { status, text } = await upgrade(headers)
      assert.equal(status, 400)
      assert.match(text, /kubectl 1\.31 or newer/)
    }
    assert.equal(asked.length, 0)
  })

  test('refuses a page of another origin, whatever it offers', async () => {
    assert.equal((await upgrade({ ...webSocket, origin: 'https://evil.example' })).status, 403)
    assert.equal((await upgrade({ ...webSocket, origin: url })).status, 101)
  })

  test('leaves shells alone where nobody asks for it', async () => {
    setRecording('Never')
    try {
      const said = await work()
      assert.equal(said[0], '\u0001it costs ')
      const [begun] = entries
      const done = await until('the record of its end', async () =>
        entries.find(({ request, result }) => request === begun?.request && result === 'allowed'),
      )
      assert.equal(done.details?.['recording'], undefined)
    } finally {
      setRecording('OutputAndInput')
    }
  })
})
