import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import type { ResourcePage, ResourceRow } from '@flotilla/api'
import { testIo } from '../testing/test-io.ts'
import { getResources, resourceNamed } from './get-resources.ts'

const row = (name: string): ResourceRow => ({
  cluster: 'east',
  namespace: 'shop',
  name,
  state: 'Running',
  health: 'Healthy',
  labels: {},
  images: ['web:1'],
  ready: 1,
  wanted: 2,
  count: 3,
  node: 'n1',
  createdAt: '2025-12-31T23:00:00Z',
})

describe('objects of all clusters, from a server that is a stand-in', () => {
  let server: Server
  let asked: URL[] = []
  let pages: ResourcePage[] = []
  const facets = { cluster: {}, state: {} }
  before(async () => {
    server = createServer((request, response) => {
      asked.push(new URL(request.url ?? '', 'http://x'))
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(pages[Math.min(asked.length, pages.length) - 1]))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  after(() => server.close())
  const io = () => {
    asked = []
    const { port } = server.address() as AddressInfo
    return testIo({ env: { FLOTILLA_SERVER: `http://127.0.0.1:${port}`, FLOTILLA_TOKEN: 'x' } })
  }

  test('are asked for by what the options say, page after page, and printed as a table', async () => {
    pages = [
      { items: [row('a')], failures: [], total: 2, facets, continue: 'next' },
      { items: [row('b')], failures: [], total: 2, facets },
    ]
    const to = io()
    const options = { output: 'table', project: 'shop', cluster: ['east'], selector: 'a=b', sort: '-created' } as const
    await getResources(to, 'pods', undefined, { ...options, cluster: ['east'] })
    assert.deepEqual(
      asked.map(({ pathname, search }) => pathname + search),
      ['', '&continue=next'].map(
        (more, at) =>
          `/api/v1/resources/pods?labels=a%3Db&cluster=east&namespace=shop&sort=-created&limit=${500 - at}${more}`,
      ),
    )
    const lines = to.said.out.trimEnd().split('\n')
    assert.match(lines[0] ?? '', /^CLUSTER +NAMESPACE +NAME +READY +STATE +RESTARTS +AGE$/)
    assert.match(lines[2] ?? '', /^east +shop +b +1\/2 +Running +3 +60m$/)
  })

  test('say on the error output which clusters are old or missing, and end with 3', async () => {
    const failures = [
      { cluster: 'west', reason: 'no\u001Bne answers', since: '2025-12-31T23:00:00Z' },
      { cluster: 'north', reason: 'being read' },
    ]
    pages = [{ items: [row('a')], failures, total: 1, facets }]
    const to = io()
    await assert.rejects(getResources(to, 'pods', undefined, { output: 'json' }), { name: 'NotAsWanted' })
    assert.deepEqual((JSON.parse(to.said.out) as { failures: unknown }).failures, failures)
    assert.match(to.said.err, /west: as of 2025-12-31T23:00:00Z: no.*answers\nnorth: not seen: being read\n/)
    assert.ok(!to.said.err.includes('\u001B'))
  })

  test('of one name are those of exactly this name', async () => {
    pages = [{ items: [row('a'), row('ab')], failures: [], total: 2, facets }]
    const to = io()
    await getResources(to, 'pods', 'a', { output: 'wide' })
    assert.equal(to.said.out.trimEnd().split('\n').length, 2)
    assert.match(to.said.out, /n1/)
  })

  test('are refused with a column or a number that is none', async () => {
    for (const wrong of [{ sort: 'colour' }, { limit: '0' }, { limit: 'x' }])
      await assert.rejects(getResources(io(), 'pods', undefined, { output: 'table', ...wrong }), { name: 'UsageError' })
  })

  test('are known by plural, singular and short name', () => {
    for (const [text, name] of [
      ['pods', 'pods'],
      ['Pod', 'pods'],
      ['po', 'pods'],
      ['deploy', 'deployments'],
      ['svc', 'services'],
      ['applications', undefined],
      ['fpj', undefined],
    ])
      assert.equal(resourceNamed(text ?? ''), name)
  })
})
