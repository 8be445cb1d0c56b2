import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { RunRow } from '@flotilla/api'
import { contract } from '@flotilla/api/contract'
import { buildProgram } from '../program.ts'
import { type Asked, type FakeServer, refuse, startFakeServer } from '../testing/fake-server.ts'
import { testIo } from '../testing/test-io.ts'

const ran = (given: Partial<RunRow> = {}): RunRow => ({
  project: 'shop',
  application: 'web',
  cluster: 'east',
  namespace: 'shop',
  component: 'web',
  version: '1.5.0',
  digest: 'sha256:1',
  images: ['nginx:1.29\u001b[2J'],
  release: 'web-3',
  approvedBy: ['ben'],
  from: '2025-12-31T12:00:00.000Z',
  ...given,
})

describe('flotilla history and where (a stand-in for the server)', () => {
  let server: FakeServer
  let cwd = ''
  before(async () => {
    server = await startFakeServer()
    cwd = await mkdtemp(join(tmpdir(), 'flotilla-history-'))
  })
  after(async () => {
    await server.close()
    await rm(cwd, { recursive: true, force: true })
  })
  beforeEach(() => {
    server.asked.length = 0
    server.answers = { 'GET /history': { items: [ran()] } }
  })
  const run = async (...words: string[]) => {
    const io = testIo({ env: server.env, cwd })
    await buildProgram(io, 'test').parseAsync(['node', 'flotilla', ...words])
    return io.said
  }

  test('without an application is what ran, with filters', async () => {
    const { out } = await run(
      'history',
      '--app',
      'shop/web',
      '--cluster',
      'east',
      '--component',
      'web',
      '--image',
      'nginx',
      '--release',
      'web-3',
      '--at',
      '1h',
    )
    assert.deepEqual(server.asked[0]?.query, {
      project: 'shop',
      application: 'web',
      cluster: 'east',
      component: 'web',
      image: 'nginx',
      release: 'web-3',
      at: '2025-12-31T23:00:00.000Z',
      limit: '100',
    })
    assert.match(
      out,
      /shop\/web +web +east\/shop +1\.5\.0 +nginx:1\.29\\x1b\[2J +2025-12-31 12:00:00Z +runs +web-3 +ben/,
    )
  })

  test('says for how long something ran that does so no longer', async () => {
    server.answers['GET /history'] = { items: [ran({ until: '2025-12-31T15:00:00.000Z' })] }
    assert.match((await run('history', '--running')).out, /12:00:00Z +3h +web-3/)
    assert.equal(server.asked[0]?.query['running'], 'true')
  })

  test('of an application is what was wanted of it, as before', async () => {
    const row = {
      revision: 4,
      at: '2025-12-31T23:00:00Z',
      by: 'ana',
      sources: [],
      targets: 2,
      reason: 'edit',
      current: true,
    }
    server.answers['GET /projects/shop/applications/web/revisions'] = { items: [row] }
    assert.match((await run('history', 'shop/web')).out, /\* +4 +60m +ana/)
    assert.deepEqual(server.asked[0]?.query, { limit: '20' })
    await assert.rejects(run('history', 'shop/web', '--cluster', 'east'), {
      name: 'UsageError',
      message: /flotilla history --app shop\/web --cluster/,
    })
  })

  test('goes on to older ones until it has as many as asked for', async () => {
    server.answers['GET /history'] = ({ query }: Asked) => ({
      items: [ran({ component: query['continue'] ?? 'first' })],
      continue: `after-${query['continue'] ?? 'first'}`,
    })
    const { out } = await run('history', '--limit', '3', '-o', 'json')
    assert.deepEqual(
      (JSON.parse(out) as { items: RunRow[] }).items.map(({ component }) => component),
      ['first', 'after-first', 'after-after-first'],
    )
    assert.deepEqual(
      server.asked.map(({ query }) => query['limit']),
      ['3', '2', '1'],
    )
  })

  test('is written whole as JSON lines, or not at all', async () => {
    const pages = [{ items: [ran(), ran({ cluster: 'west' })], continue: 'x' }, { items: [ran({ cluster: 'north' })] }]
    server.answers['GET /history'] = () => pages.shift() ?? refuse(503, { code: 'store.unavailable', message: 'away' })
    const { err } = await run('history', '-n', 'shop', '--export', 'ran.jsonl')
    const text = await readFile(join(cwd, 'ran.jsonl'), 'utf8')
    const rows = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as RunRow)
    assert.deepEqual(
      rows.map(({ cluster }) => cluster),
      ['east', 'west', 'north'],
    )
    assert.ok(!text.includes('\u001b'))
    assert.match(err, /3 runs written to ran\.jsonl/)
    assert.equal(server.asked[0]?.query['project'], 'shop')
    pages.push({ items: [ran()], continue: 'x' })
    await assert.rejects(run('history', '--export', 'other.jsonl'), { code: 'store.unavailable' })
    assert.deepEqual(await readdir(cwd), ['ran.jsonl'])
  })

  for (const words of [
    ['--export', '-'],
    ['--limit', '1200'],
  ])
    test(`asks for no larger page than the server gives: ${words.join(' ')}`, async () => {
      const row = ran()
      server.answers['GET /history'] = ({ query }: Asked) => {
        const { limit, continue: at = '0' } = contract['history.list'].query.parse(query)
        const [from, to] = [Number(at), Math.min(Number(at) + limit, 1100)]
        const items = Array.from({ length: to - from }, () => row)
        return to < 1100 ? { items, continue: String(to) } : { items }
      }
      const { out } = await run('history', ...words, '-o', 'json')
      const rows = words[0] === '--export' ? out.trimEnd().split('\n') : (JSON.parse(out) as { items: RunRow[] }).items
      assert.equal(rows.length, 1100)
      assert.equal(server.asked.length, 3)
    })

  test('says that there is more, also where it is read by a program', async () => {
    server.answers['GET /history'] = { items: [ran(), ran()], continue: 'on' }
    const { out, err } = await run('history', '--limit', '2', '-o', 'json')
    assert.equal((JSON.parse(out) as { continue?: string }).continue, 'on')
    assert.match(err, /There is more/)
    assert.match((await run('history', '--limit', '2')).err, /There is more/)
    server.answers['GET /history'] = { items: [ran()] }
    const whole = await run('history', '-o', 'json')
    assert.deepEqual(Object.keys(JSON.parse(whole.out) as object), ['items'])
    assert.equal(whole.err, '')
  })

  test('ends when the server names the same place again', async () => {
    server.answers['GET /history'] = { items: [ran()], continue: 'x' }
    assert.equal((await run('history', '--export', '-')).out.trimEnd().split('\n').length, 2)
  })

  for (const words of [
    ['--at', 'yesterday'],
    ['--at', '1h', '--running'],
    ['--limit', '0'],
    ['--export', 'x', '--limit', '5'],
  ])
    test(`makes no sense: ${words.join(' ')}`, () => assert.rejects(run('history', ...words), { name: 'UsageError' }))

  test('where says which clusters run an image, and which cannot be seen', async () => {
    const row = {
      project: 'shop',
      application: 'web',
      component: 'web',
      namespace: 'shop',
      image: 'nginx:1.29',
      health: 'Healthy',
      release: 'web-3',
      since: '2025-12-31T23:00:00Z',
    }
    const items = [
      { ...row, cluster: 'east' },
      { ...row, cluster: 'west', health: 'Unknown', unknownSince: '2025-12-31T23:58:00Z' },
    ]
    server.answers['GET /where'] = { items, total: 2, truncated: false }
    const { out } = await run('where', 'nginx')
    assert.equal(server.asked[0]?.query['image'], 'nginx')
    assert.match(out, /east\/shop +- +nginx:1\.29 +- +web-3 +Healthy +60m/)
    assert.match(out, /west\/shop .* not seen for 2m/)
  })

  test('hold lift says whether there was one', async () => {
    const answer = { project: 'shop', application: 'web', changed: true, generation: 2 }
    server.answers['POST /projects/shop/applications/web/hold/lift'] = answer
    assert.match((await run('hold', 'lift', 'shop/web')).out, /on hold no longer/)
    server.answers['POST /projects/shop/applications/web/hold/lift'] = { ...answer, changed: false }
    assert.match((await run('hold', 'lift', 'shop/web')).out, /was not on hold/)
  })
})
