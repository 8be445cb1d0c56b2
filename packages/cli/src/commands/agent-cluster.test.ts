import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { testIo } from '../testing/test-io.ts'
import { addAgentCluster, tokenOfCluster } from './agent-cluster.ts'

describe('a cluster that an agent connects (a stand-in for the server)', () => {
  let server: Server
  let url = ''
  let looks = 0
  before(async () => {
    server = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        if (request.method === 'GET') looks++
        const last = new URL(request.url ?? '/', 'http://x').pathname.split('/').at(-1)
        const given = body.includes('"command"')
          ? { command: 'curl x | kubectl apply -f -', expiresAt: '2026-01-01T01:00:00Z' }
          : { manifest: 'kind: Secret\n' }
        const answers: Record<string, unknown> = {
          'POST agents': { cluster: { name: 'east' }, ...given },
          'POST invitation': given,
          'POST rotation': { rotated: true },
          'POST revocation': { revoked: true },
          'GET east': {
            connection: looks < 2 ? { state: 'lost', reason: 'not yet' } : { state: 'connected', version: 'v1.36.0' },
          },
        }
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(JSON.stringify(answers[`${request.method} ${last}`] ?? {}))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(() => new Promise((resolve) => server.close(resolve)))
  const io = () => testIo({ env: { FLOTILLA_SERVER: url, FLOTILLA_TOKEN: 't' } })

  test('is added by a command that stands alone on standard output, and waited for', async () => {
    const one = io()
    await addAgentCluster(one, 'east', { output: 'table', print: 'command', wait: true })
    assert.equal(one.said.out, 'curl x | kubectl apply -f -\n')
    assert.match(one.said.err, /before 2026-01-01T01:00:00Z/)
    assert.match(one.said.err, /Cluster east is connected, Kubernetes v1\.36\.0/)
  })

  test('is not waited for where a manifest goes through a pipe, which would wait for the end', async () => {
    const [one, before] = [io(), looks]
    await addAgentCluster(one, 'east', { output: 'table', print: 'manifest', wait: true })
    assert.equal(one.said.out, 'kind: Secret\n')
    assert.equal(looks, before)
  })

  test('gets another token, or none, or a command', async () => {
    const said = async (options: { rotate?: true; revoke?: true }): Promise<string> => {
      const one = io()
      await tokenOfCluster(one, 'east', { print: 'command', ...options })
      return one.said.out
    }
    assert.match(await said({ rotate: true }), /another token/)
    assert.match(await said({ revoke: true }), /no token that is good/)
    assert.match(await said({}), /^curl/)
    await assert.rejects(said({ rotate: true, revoke: true }), { name: 'UsageError' })
  })

  test('is added in one way only', async () => {
    const options = { output: 'table', print: 'command', wait: false, kubeconfig: 'east.yaml' } as const
    await assert.rejects(addAgentCluster(io(), 'east', options), { name: 'UsageError' })
  })
})
