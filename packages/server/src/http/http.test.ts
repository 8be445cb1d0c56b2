import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { brotliDecompressSync, gzipSync } from 'node:zlib'
import type { ApplicationDetail, ApplicationRow, ClusterRow } from '@flotilla/api'
import { basePath } from '@flotilla/api'
import { createUploadReader } from '../delivery/application/source-store.ts'
import { application, cluster, csrf, delivery, type HttpFixture, httpFixture, signIn } from './testing/http-fixture.ts'

let fixture: HttpFixture
let headers: Record<string, string>
let consoleDir: string

before(async () => {
  consoleDir = await mkdtemp(join(tmpdir(), 'flotilla-console-'))
  await mkdir(join(consoleDir, 'assets'))
  await writeFile(join(consoleDir, 'index.html'), '<!doctype html><title>Flotilla</title>')
  await writeFile(join(consoleDir, 'assets', 'app-abc123.js'), 'console.log(1)')
  await writeFile(join(consoleDir, 'assets', 'app-abc123.js.br'), 'packed')
  fixture = await httpFixture({ consoleDir })
  fixture.host.allow = ({ groups }) => groups.includes('flotilla:platform:admin')
  headers = { ...csrf, ...(await signIn(fixture, 'admin')) }
})
after(async () => {
  await fixture.close()
  await rm(consoleDir, { recursive: true, force: true })
})

const get = (url: string, more: Record<string, string> = {}) =>
  fixture.http.app.inject({ url: `${basePath}${url}`, headers: { ...headers, ...more } })
const codeOf = (answer: { json: () => unknown }) => (answer.json() as { error: { code: string } }).error.code
const since = '2026-02-01T00:00:00Z'

describe('applications', () => {
  before(() => {
    const { state, fleet } = fixture
    for (const name of ['east', 'west']) {
      state.clusters.put(cluster(name))
      fleet.say(name, { state: 'connected', since, version: 'v1.36.3' })
    }
    state.applications.put(application('shop'))
    state.deliveries.put(delivery('shop', 'east'))
    state.deliveries.put(
      delivery('shop', 'west', {
        health: 'Failed',
        healthSince: since,
        components: [
          {
            name: 'web',
            health: 'Failed',
            message: 'its image is not in the mirror',
            version: '0.9.0',
            ready: 1,
            wanted: 3,
          },
        ],
        applied: { revision: 1, digest: 'd0', at: since },
        drift: { state: 'Drifted' },
      }),
    )
    state.applications.put(application('api'))
    state.deliveries.put(delivery('api', 'east'))
    state.applications.put(application('idle'))
  })

  test('a matrix of component and cluster, with what is wrong in a sentence', async () => {
    const detail = (await get('/projects/shop/applications/shop')).json<ApplicationDetail>()
    assert.equal(detail.sentence.code, 'failed')
    assert.equal(detail.sentence.headline, 'Failing in west')
    assert.equal(detail.sentence.detail, 'web: its image is not in the mirror')
    assert.deepEqual(
      detail.matrix.targets.map((target) => [target.cluster, target.health, target.current]),
      [
        ['east', 'Healthy', true],
        ['west', 'Failed', false],
      ],
    )
    const west = detail.matrix.cells.find((cell) => cell.cluster === 'west')
    assert.equal(west?.version, '0.9.0')
    assert.equal(west?.nextVersion, '1.0.0')
    assert.equal(west?.drift, 'Drifted')
    assert.deepEqual([west?.ready, west?.wanted], [1, 3])
  })

  test('a lost cluster is unknown since when, never healthy, and does not hide what is known', async () => {
    fixture.fleet.say('east', { state: 'lost', since, reason: 'No answer from east' })
    try {
      const detail = (await get('/projects/shop/applications/shop')).json<ApplicationDetail>()
      const east = detail.matrix.targets.find((target) => target.cluster === 'east')
      assert.equal(east?.health, 'Unknown')
      assert.equal(east?.unknownSince, since)
      assert.ok(
        detail.matrix.cells.filter((cell) => cell.cluster === 'east').every((cell) => cell.health === 'Unknown'),
      )
      assert.equal(detail.health.state, 'Failed')
      assert.equal(detail.health.unknown, 1)
      assert.match(detail.sentence.detail, /Not seen in east since/)
      const api = (await get('/projects/shop/applications/api')).json<ApplicationDetail>()
      assert.equal(api.health.state, 'Unknown')
      assert.equal(api.sentence.code, 'unknown')
      const [row] = (await get('/clusters?state=lost')).json<{ items: ClusterRow[] }>().items
      assert.equal(row?.name, 'east')
      assert.equal(row?.message, 'No answer from east')
    } finally {
      fixture.fleet.say('east', { state: 'connected', since, version: 'v1.36.3' })
    }
  })

  test('the server filters, sorts and pages', async () => {
    const names = async (query: string) =>
      (await get(`/applications?${query}`)).json<{ items: ApplicationRow[] }>().items.map((row) => row.name)
    assert.deepEqual(await names('sort=name'), ['api', 'idle', 'shop'])
    assert.deepEqual(await names('sort=-name'), ['shop', 'idle', 'api'])
    assert.deepEqual(await names('health=Failed&health=Degraded'), ['shop'])
    assert.deepEqual(await names('cluster=west'), ['shop'])
    assert.deepEqual(await names('q=AP'), ['api'])
    assert.deepEqual(await names('project=none'), [])
    const first = (await get('/applications?limit=2')).json<{
      items: ApplicationRow[]
      total: number
      continue: string
    }>()
    assert.equal(first.total, 3)
    fixture.state.applications.put(application('aaa'))
    const second = await get(`/applications?limit=2&continue=${first.continue}`)
    fixture.state.applications.remove('pj-shop', 'aaa')
    assert.deepEqual(
      second.json<{ items: ApplicationRow[] }>().items.map((row) => row.name),
      ['shop'],
      'a row that came in between shifts nothing',
    )
    assert.equal(codeOf(await get('/applications?limit=100000')), 'input.invalid')
    assert.equal(codeOf(await get('/applications?continue=%21')), 'input.invalid')
  })

  test('what waits and what is nowhere is said', async () => {
    const idle = (await get('/projects/shop/applications/idle')).json<ApplicationDetail>()
    assert.equal(idle.sentence.code, 'unplaced')
    fixture.state.deliveries.put(
      delivery('api', 'west', {
        health: 'Progressing',
        waitingFor: 'Deployment api: 1 of 2 ready',
        waitingSince: since,
      }),
    )
    const api = (await get('/projects/shop/applications/api')).json<ApplicationDetail>()
    assert.equal(api.sentence.code, 'waiting')
    assert.deepEqual(api.waitingFor, [{ what: 'Deployment api: 1 of 2 ready', since, cluster: 'west' }])
    fixture.state.deliveries.remove('pj-shop', 'api.west')
  })

  test('what still holds something is not removed half', async () => {
    const remove = (url: string) => fixture.http.app.inject({ method: 'DELETE', url: `${basePath}${url}`, headers })
    const project = await remove('/kinds/project/shop?workspace=retail')
    assert.deepEqual([project.statusCode, codeOf(project)], [409, 'request.conflict'])
    assert.match(project.body, /Project shop still has applications: .*shop/)
    const workspace = await remove('/kinds/workspace/retail')
    assert.match(workspace.body, /Workspace retail still has projects: shop/)
  })

  test('history comes newest first and says who', async () => {
    for (let revision = 1; revision <= 3; revision++)
      await fixture.store.revisions.append({
        applicationUid: 'uid-shop-shop',
        project: 'shop',
        application: 'shop',
        revision,
        at: since,
        by: revision === 2 ? 'flotilla:user:uid-dora' : 'flotilla',
        reason: 'changed',
        spec: application('shop').spec,
        sources: [],
        targets: { 'east/shop': 'd1' },
      })
    const page = (await get('/projects/shop/applications/shop/revisions?limit=2')).json<{
      items: { revision: number; by: string; current: boolean }[]
      before: number
    }>()
    assert.deepEqual(
      page.items.map(({ revision, by }) => [revision, by]),
      [
        [3, 'flotilla'],
        [2, 'dora'],
      ],
    )
    const rest = (await get(`/projects/shop/applications/shop/revisions?before=${page.before}`)).json<{
      items: { revision: number; current: boolean }[]
    }>()
    assert.deepEqual(
      rest.items.map(({ revision, current }) => [revision, current]),
      [[1, true]],
    )
    assert.equal((await get('/projects/shop/applications/shop/revisions/2')).statusCode, 200)
    assert.equal(codeOf(await get('/projects/shop/applications/shop/revisions/9')), 'request.not_found')
  })
})

describe('hostile requests', () => {
  const send = (payload: string | Buffer, more: Record<string, string> = {}) =>
    fixture.http.app.inject({
      method: 'POST',
      url: `${basePath}/documents`,
      headers: { ...headers, 'content-type': 'application/json', ...more },
      payload,
    })
  const refused: [string, string | Buffer, string][] = [
    ['a body that is no JSON', '{"documents":', 'input.invalid'],
    ['an empty body', '', 'input.invalid'],
    ['a key __proto__', '{"documents":"a: 1","__proto__":{"dryRun":true}}', 'input.invalid'],
    ['a key constructor.prototype', '{"documents":"a: 1","constructor":{"prototype":{}}}', 'input.invalid'],
    ['wrong UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), 'input.invalid'],
    ['more than the route takes', JSON.stringify({ documents: 'x'.repeat(3 * 1024 * 1024) }), 'input.too_large'],
    ['YAML with a doubled key', JSON.stringify({ documents: 'a: 1\na: 2\n' }), 'input.yaml'],
    ['an alias bomb', JSON.stringify({ documents: `a: &a x\nb: [${'*a,'.repeat(2000)}]` }), 'input.yaml'],
    ['a field of another type', JSON.stringify({ documents: 5 }), 'input.invalid'],
  ]
  for (const [name, payload, code] of refused) {
    test(`${name} is refused`, async () => {
      const answer = await send(payload)
      assert.ok(answer.statusCode >= 400 && answer.statusCode < 500, String(answer.statusCode))
      assert.equal(codeOf(answer), code)
    })
  }

  test('another content type is refused', async () => {
    assert.equal(codeOf(await send('a=1', { 'content-type': 'application/x-www-form-urlencoded' })), 'input.invalid')
  })

  for (const path of [
    '/projects/..%2f..%2f/applications/x',
    '/projects/%00/applications/x',
    '/projects/SHOP/applications/x',
    '/clusters/a%2fb',
  ]) {
    test(`${path} names nothing`, async () => {
      const answer = await get(path)
      assert.ok([400, 403, 404, 422].includes(answer.statusCode), `${answer.statusCode}`)
    })
  }

  test('what breaks inside goes out as an id and nothing else', async () => {
    const broken = await httpFixture({
      clusters: {
        add: () => Promise.reject(new Error('secret inside /etc/passwd')),
        remove: () => Promise.reject(new Error('no')),
      },
    })
    try {
      broken.host.allow = () => true
      const answer = await broken.http.app.inject({
        method: 'POST',
        url: `${basePath}/clusters`,
        headers: { ...csrf, ...(await signIn(broken, 'admin')) },
        payload: { name: 'a', kubeconfig: 'a' },
      })
      assert.equal(answer.statusCode, 500)
      assert.match(answer.body, /"code":"internal","message":"Something failed inside the server \([0-9a-f-]{36}\)"/)
      assert.ok(!answer.body.includes('passwd') && !answer.body.includes('at '))
    } finally {
      await broken.close()
    }
  })

  test('an input that may be secret is not in the error', async () => {
    const answer = await fixture.http.app.inject({
      method: 'POST',
      url: `${basePath}/clusters`,
      headers,
      payload: { name: 'a', kubeconfig: 'token: hunter2'.repeat(50_000).slice(0, 300_000) },
    })
    assert.equal(answer.statusCode, 422)
    assert.ok(!answer.body.includes('hunter2'))
  })
})

describe('answers', () => {
  test('carry headers that keep the browser to this origin', async () => {
    const answer = await get('/session')
    assert.match(String(answer.headers['content-security-policy']), /default-src 'self'.*frame-ancestors 'none'/)
    assert.equal(answer.headers['x-content-type-options'], 'nosniff')
    assert.equal(answer.headers['cache-control'], 'no-store')
    assert.equal(answer.headers['access-control-allow-origin'], undefined)
  })

  test('are compressed when they are long and the client takes it', async () => {
    const plain = await get('/schemas/Application')
    const packed = await get('/schemas/application', { 'accept-encoding': 'gzip, br' })
    assert.equal(packed.headers['content-encoding'], 'br')
    assert.equal(brotliDecompressSync(packed.rawPayload).toString(), plain.body)
    assert.equal((await get('/schemas/fapp', { 'accept-encoding': 'gzip' })).headers['content-encoding'], 'gzip')
    assert.equal((await get('/schemas/fapp', { 'accept-encoding': 'br;q=0' })).headers['content-encoding'], undefined)
  })

  test('an address that is none says so in JSON', async () => {
    const answer = await get('/nothing')
    assert.equal(answer.statusCode, 404)
    assert.equal(codeOf(answer), 'request.not_found')
  })
})

describe('uploads', () => {
  const bytes = gzipSync('a folder')
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  const put = (to: string, payload: Buffer) =>
    fixture.http.app.inject({
      method: 'PUT',
      url: `${basePath}/projects/shop/uploads/${to}`,
      headers: { ...headers, 'content-type': 'application/octet-stream' },
      payload,
    })
  test('are kept under their digest, as often as they are sent', async () => {
    assert.equal((await put(digest, bytes)).statusCode, 201)
    assert.equal((await put(digest, bytes)).statusCode, 201)
    assert.deepEqual(Buffer.from((await createUploadReader(fixture.store.blobs)(digest)) ?? []), bytes)
  })
  test('are refused under another digest, when they are no archive, and when they are too big', async () => {
    assert.equal(codeOf(await put(`sha256:${'0'.repeat(64)}`, bytes)), 'input.invalid')
    const text = Buffer.from('no archive')
    assert.equal(
      codeOf(await put(`sha256:${createHash('sha256').update(text).digest('hex')}`, text)),
      'archive.refused',
    )
    assert.equal(codeOf(await put(digest, Buffer.alloc(21 * 1024 * 1024))), 'input.too_large')
  })
})

describe('the console', () => {
  const page = (url: string, more: Record<string, string> = {}) => fixture.http.app.inject({ url, headers: more })
  test('is served for every address of its pages', async () => {
    for (const url of ['/', '/apps/shop/web', '/fleet?state=lost']) {
      const answer = await page(url)
      assert.equal(answer.statusCode, 200)
      assert.match(answer.body, /<title>Flotilla/)
      assert.equal(answer.headers['cache-control'], 'no-cache')
    }
  })
  test('its hashed files are cached for good, and packed where they were packed', async () => {
    const plain = await page('/assets/app-abc123.js')
    assert.match(String(plain.headers['cache-control']), /immutable/)
    const packed = await page('/assets/app-abc123.js', { 'accept-encoding': 'br' })
    assert.equal(packed.headers['content-encoding'], 'br')
    assert.equal(packed.body, 'packed')
    assert.equal((await page('/assets/gone-000.js')).statusCode, 404)
  })
  test('nothing outside of its folder is served', async () => {
    for (const url of ['/assets/..%2f..%2f..%2fetc%2fpasswd', '/..%2fetc/passwd', '//etc/passwd'])
      assert.ok(!(await page(url)).body.includes('root:'))
  })
})
