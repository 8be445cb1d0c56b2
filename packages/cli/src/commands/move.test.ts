import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { MoveRow } from '@flotilla/api'
import { NotAsWanted, UsageError } from '../exit.ts'
import { testIo } from '../testing/test-io.ts'
import { askMove, moveStatus, startMove } from './move.ts'

const row: MoveRow = {
  project: 'shop',
  name: 'web-1',
  application: 'web',
  author: 'dora',
  createdAt: '2026-01-01T00:00:00Z',
  phase: 'Draining',
  ended: false,
  waitingFor: 'Job nightly-1 to end in west/shop',
  waitingSince: '2025-12-31T23:59:00Z',
  pairs: [{ from: { cluster: 'west', namespace: 'shop' }, to: { cluster: 'east', namespace: 'shop' } }],
  steps: [{ phase: 'Draining', at: '2025-12-31T23:59:00Z' }],
}
const gap = { from: '2026-01-01T00:00:00Z', until: '2026-01-01T00:00:09Z', seconds: 9 }

describe('moves, told to people and to programs (a stand-in for the server)', () => {
  let server: Server
  let url = ''
  const asked: { route: string; body: unknown }[] = []
  /** One answer after the other; the last one stays. */
  let answers: MoveRow[] = []
  before(async () => {
    server = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')))
      request.on('end', () => {
        const path = new URL(request.url ?? '/', 'http://x').pathname
        asked.push({ route: `${request.method} ${path}`, body: body === '' ? undefined : JSON.parse(body) })
        const [next] = answers.length > 1 ? answers.splice(0, 1) : answers
        const answer = path.endsWith('/projects/shop/moves')
          ? { items: next === undefined ? [] : [next], left: 0 }
          : next
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(JSON.stringify(answer))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  beforeEach(() => {
    asked.length = 0
    answers = [row]
  })
  after(() => new Promise((resolve) => server.close(resolve)))
  const io = () => testIo({ env: { FLOTILLA_SERVER: url, FLOTILLA_TOKEN: 't' } })
  const table = { output: 'table' } as const

  test('what is waited for, since when, and the gap are shown', async () => {
    const one = io()
    answers = [{ ...row, gap }]
    await moveStatus(one, 'shop/web', table)
    assert.match(one.said.out, /shop\/web moves from west\/shop to east\/shop \(web-1, by dora\)/)
    assert.match(one.said.out, /Draining: waits for Job nightly-1 to end in west\/shop for 60s/)
    assert.match(one.said.out, /For 9 s nothing of it acted anywhere/)
  })

  test('a start says both places, and ends with the answer whether it can begin', async () => {
    const one = io()
    answers = [
      { ...row, phase: 'Pending' },
      { ...row, phase: 'Refused', ended: true, message: 'west/shop cannot be reached', pairs: [] },
    ]
    const options = { ...table, from: ['west'], to: ['east'], toNamespace: 'new', confirmTraffic: true }
    await assert.rejects(startMove(one, 'shop/web', options), NotAsWanted)
    assert.match(one.said.out, /Refused: west\/shop cannot be reached/)
    assert.deepEqual(asked[0], {
      route: 'POST /api/v1/projects/shop/applications/web/moves',
      body: { from: { clusters: ['west'] }, to: { clusters: ['east'], namespace: 'new' }, confirmTraffic: true },
    })
    await assert.rejects(startMove(one, 'shop/web', { ...table, from: ['west'] }), UsageError)
    await assert.rejects(startMove(one, 'shop/web', { ...table, to: ['west'] }), UsageError)
  })

  test('what is asked of a move goes to the newest one, with its reason', async () => {
    for (const [what, last] of [
      ['confirmTraffic', 'traffic'],
      ['undo', 'undo'],
      ['abort', 'abort'],
    ] as const) {
      asked.length = 0
      const one = io()
      await askMove(one, what, 'shop/web', { ...table, reason: 'because' })
      assert.deepEqual(asked[1], {
        route: `POST /api/v1/projects/shop/moves/web-1/${last}`,
        body: { reason: 'because' },
      })
      assert.match(one.said.out, /^Move web-1 /)
    }
  })

  test('who watches is told each step once, and the end', async () => {
    const one = io()
    const undone: MoveRow = { ...row, phase: 'Undone', ended: true, message: 'Back in west/shop' }
    answers = [row, row, undone]
    await assert.rejects(moveStatus(one, 'shop/web', { ...table, watch: true }), NotAsWanted)
    assert.deepEqual(
      one.said.out
        .trim()
        .split('\n')
        .map((line) => line.split(' ').slice(1).join(' ')),
      ['Draining: waits for Job nightly-1 to end in west/shop', 'Undone: Back in west/shop'],
    )
  })

  for (const [what, phase, code] of [
    ['undo', 'Undone', 0],
    ['undo', 'Succeeded', 3],
    ['abort', 'Aborted', 0],
    ['abort', 'Succeeded', 3],
    ['confirmTraffic', 'Succeeded', 0],
    ['confirmTraffic', 'Undone', 3],
    ['confirmTraffic', 'Aborted', 3],
  ] as const)
    test(`who asks for ${what} and watches ends with ${code} when it is ${phase}`, async () => {
      answers = [row, { ...row, phase, ended: true }]
      const asking = askMove(io(), what, 'shop/web', { ...table, watch: true })
      if (code === 0) await asking
      else await assert.rejects(asking, NotAsWanted)
    })

  test('programs get the whole of it', async () => {
    const one = io()
    answers = [{ ...row, phase: 'Succeeded', ended: true }]
    await moveStatus(one, 'shop/web', { output: 'json' })
    assert.equal((JSON.parse(one.said.out) as MoveRow).phase, 'Succeeded')
  })
})
