import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { AuditRecord } from '@flotilla/api'
import { buildProgram } from '../program.ts'
import { testIo } from '../testing/test-io.ts'

const record = (sequence: number): AuditRecord => ({
  sequence,
  hash: '0'.repeat(64),
  request: 'r',
  at: '2025-12-31T23:59:00.000Z',
  source: 'api',
  actor: { name: 'ana\u001b[2J', groups: [] },
  verb: 'applications.pause',
  target: { kind: 'Application', name: 'web', project: 'shop', cluster: 'east' },
  result: 'denied',
  code: 'auth.forbidden',
})

describe('flotilla audit (a stand-in for the server)', () => {
  let server: Server
  let asked: URL[]
  let answer: (url: URL) => object | string
  let env: Record<string, string>
  before(async () => {
    server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://x')
      asked.push(url)
      const text = answer(url)
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(typeof text === 'string' ? text : JSON.stringify(text))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    env = { FLOTILLA_SERVER: `http://127.0.0.1:${port}`, FLOTILLA_TOKEN: 't' }
  })
  after(() => new Promise((resolve) => server.close(resolve)))
  beforeEach(() => {
    asked = []
    answer = () => ({ items: [record(1)], reads: 'all' })
  })
  const run = async (...words: string[]) => {
    const io = testIo({ env })
    await buildProgram(io, 'test').parseAsync(['node', 'flotilla', 'audit', ...words])
    return io.said
  }

  test('asks with the filters, and prints nothing that steers a terminal', async () => {
    const { out } = await run(
      '--since',
      '1h',
      '--until',
      '2025-12-31',
      '--person',
      'ana',
      '--verb',
      'exec',
      '-n',
      'shop',
    )
    assert.deepEqual(Object.fromEntries(asked[0]?.searchParams ?? []), {
      since: '2025-12-31T23:00:00.000Z',
      until: '2025-12-31T00:00:00.000Z',
      person: 'ana',
      verb: 'exec',
      project: 'shop',
      limit: '100',
    })
    assert.match(
      out,
      /2025-12-31 23:59:00Z +ana\\x1b\[2J +applications\.pause +Application web +east shop +denied \(auth\.forbidden\)/,
    )
  })

  test('goes on to older ones until it has as many as asked for', async () => {
    const left = [3, 2, 1]
    answer = () => {
      const sequence = left.shift() ?? 0
      return { items: [record(sequence)], reads: 'all', ...(left.length === 0 ? {} : { continue: String(sequence) }) }
    }
    const { out } = await run('list', '--limit', '2', '-o', 'json')
    assert.equal((JSON.parse(out) as { items: object[] }).items.length, 2)
    assert.deepEqual(
      asked.map(({ searchParams }) => searchParams.get('limit')),
      ['2', '1'],
    )
  })

  test('says whether the chain is whole, and ends with 3 when it is not', async () => {
    const done = { at: '', records: 9, oldest: 1, head: { sequence: 9, hash: '', at: '' }, anchors: { compared: 2 } }
    answer = () => ({ state: 'intact', ...done })
    assert.match((await run('verify')).out, /Intact: 9 records, 1 to 9\nAnchors in the host: 2 compared/)
    answer = () => ({ state: 'broken', ...done, found: { sequence: 5, what: 'Record 5 is not there' } })
    await assert.rejects(run('verify'), { name: 'NotAsWanted' })
  })

  test('says what is no time, and what may be asked for', async () => {
    await assert.rejects(run('--since', 'yesterday'), { name: 'UsageError' })
    await assert.rejects(run('--limit', '0'), { name: 'UsageError' })
  })

  test('exports line by line', async () => {
    answer = () => `${JSON.stringify(record(1))}\n${JSON.stringify(record(2))}\n`
    const { out } = await run('export')
    assert.deepEqual(
      out
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as AuditRecord).sequence),
      [1, 2],
    )
  })
})
