import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { AuditEntry } from '@flotilla/api'
import { createKubeClient, type KubeClient } from '@flotilla/kube'
import { FlotillaError, known, unknown } from '@flotilla/model'
import { cluster, csrf, type HttpFixture, httpFixture, signIn } from '../testing/http-fixture.ts'
import { StandInHost } from '../testing/stand-in-host.ts'

const live = {
  kind: 'Deployment',
  metadata: { name: 'web', resourceVersion: '7' },
  spec: { replicas: 1, paused: false },
}

describe('the audit of the Kubernetes proxy (a stand-in for the cluster)', () => {
  const entries: AuditEntry[] = []
  let full = false
  let asked: { method: string; url: string; body: string }[] = []
  let upstream: Server
  let client: KubeClient
  let fixture: HttpFixture
  let ask: (method: string, path: string, body?: unknown) => Promise<Response>
  before(async () => {
    upstream = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        asked.push({ method: request.method ?? '', url: request.url ?? '', body })
        const status = request.url?.includes('forbidden') === true ? 403 : 200
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(live))
      })
    })
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
    const { port: at } = upstream.address() as AddressInfo
    client = createKubeClient({
      name: 'east',
      connection: { server: `http://127.0.0.1:${at}`, auth: { kind: 'anonymous' } },
      userAgent: 'test',
    })
    const unavailable = () => Promise.reject(new FlotillaError('store.unavailable', { message: 'disk full' }))
    fixture = await httpFixture({
      fleet: {
        host: new StandInHost().client(),
        list: () => [],
        get: () => undefined,
        client: () => known(client),
        deliveryClient: () => unknown('no delivery in this test'),
        onChange: () => () => undefined,
      },
      audit: {
        note: (entry) => void entries.push(entry),
        write: (entry) => (full ? unavailable() : Promise.resolve(void entries.push(entry))),
        flush: () => Promise.resolve(),
        verify: unavailable,
        lastVerification: undefined,
      },
    })
    fixture.state.clusters.put(cluster('east'))
    const { url } = await fixture.http.listen({ host: '127.0.0.1', port: 0 })
    const given = await fixture.http.app.inject({
      method: 'POST',
      url: '/api/v1/kubernetes/token',
      headers: { ...csrf, ...(await signIn(fixture, 'admin')) },
      payload: {},
    })
    const { token } = given.json<{ token: string }>()
    ask = (method, path, body) =>
      fetch(`${url}/k8s/clusters/east${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
  })
  after(async () => {
    await fixture.close()
    await client.close()
    upstream.closeAllConnections()
    await new Promise((resolve) => upstream.close(resolve))
  })
  beforeEach(() => {
    entries.length = 0
    asked = []
  })
  const web = '/apis/apps/v1/namespaces/shop/deployments/web'

  test('has no record of reading', async () => {
    assert.equal((await ask('GET', web)).status, 200)
    assert.deepEqual([entries.length, asked.length], [0, 1])
  })

  test('has what a patch changed, and passes it on as it is', async () => {
    const patch = { spec: { replicas: 6, paused: false } }
    assert.equal((await ask('PATCH', web, patch)).status, 200)
    assert.equal(asked.at(-1)?.body, JSON.stringify(patch))
    const [entry] = entries
    assert.deepEqual(
      [entry?.actor.name, entry?.verb, entry?.target.name, entry?.result],
      ['admin', 'patch', 'web', 'allowed'],
    )
    assert.deepEqual(entry?.actor.groups, ['flotilla:platform:admin'])
    assert.deepEqual(entry?.changes, [{ path: 'spec.replicas', before: '1', after: '6' }])
  })

  test('has keys and no values of a Secret', async () => {
    await ask('POST', '/api/v1/namespaces/shop/secrets', {
      kind: 'Secret',
      metadata: { name: 's' },
      stringData: { k: 'hunter2' },
    })
    assert.equal(entries[0]?.target.name, 's')
    assert.ok(entries[0]?.changes?.some(({ path, after: is }) => path === 'stringData.k' && is === '(secret)'))
    assert.ok(!JSON.stringify(entries).includes('hunter2'))
  })

  test('has what the cluster refused', async () => {
    assert.equal(
      (await ask('POST', '/api/v1/namespaces/forbidden/configmaps', { metadata: { name: 'x' } })).status,
      403,
    )
    assert.deepEqual(
      [entries[0]?.result, entries[0]?.target.namespace, entries[0]?.changes],
      ['denied', 'forbidden', undefined],
    )
  })

  test('is written before a delete, which does not reach the cluster when it cannot be', async () => {
    assert.equal((await ask('DELETE', web)).status, 200)
    assert.deepEqual(
      entries.map(({ result }) => result),
      ['begun', 'allowed'],
    )
    asked = []
    full = true
    try {
      const answer = await ask('DELETE', web)
      assert.equal(answer.status, 503)
      assert.match(await answer.text(), /"kind":"Status".*could not be written into the audit|disk full/)
      assert.deepEqual(asked, [])
      assert.equal((await ask('GET', web)).status, 200)
    } finally {
      full = false
    }
  })
})
