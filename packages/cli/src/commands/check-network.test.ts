import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import type { OutputForm } from '../print/result.ts'
import { testIo } from '../testing/test-io.ts'
import { checkNetwork, networkText } from './check-network.ts'

const measured = (state: string, checkedAt: string) => ({
  state,
  since: '2026-01-01T00:00:00Z',
  checkedAt,
  message: 'as was seen\u001b[31m',
})

describe('measuring the network of a cluster (a stand-in for the server)', () => {
  let server: Server
  let url = ''
  let asked = ''
  let next: object = {}
  before(async () => {
    server = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        if (request.method === 'PATCH') asked = body
        const first = { networkPolicy: measured('Unknown', '2026-01-01T00:00:00Z') }
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(JSON.stringify(request.method === 'GET' ? next : first))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(() => new Promise((resolve) => server.close(resolve)))
  const connection = { state: 'connected', since: '2026-01-01T00:00:00Z', version: 'v1.36.0' }
  const check = async (state: string, output: OutputForm = 'table') => {
    const io = testIo({ env: { FLOTILLA_SERVER: url, FLOTILLA_TOKEN: 't' } })
    next = { connection, networkPolicy: measured(state, '2026-01-02T00:00:00Z') }
    const failure: unknown = await checkNetwork(io, 'east', { output }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    return { out: io.said.out, failed: failure instanceof Error ? failure.name : failure }
  }

  test('asks for it, and tells what came of it without what would steer a terminal', async () => {
    const { out, failed } = await check('Enforced')
    assert.deepEqual(JSON.parse(asked), { checkNetwork: true })
    assert.match(out, /^east: network policies are enforced\. as was seen/)
    assert.ok(!out.includes('\u001b'))
    assert.equal(failed, undefined)
  })
  test('ends as a no where they are not enforced, or it is not known', async () => {
    for (const state of ['NotEnforced', 'Unknown']) assert.equal((await check(state)).failed, 'NotAsWanted')
    assert.match((await check('NotEnforced', 'json')).out, /"state": "NotEnforced"/)
  })
  test('does not wait for a cluster that is lost', async () => {
    const io = testIo({ env: { FLOTILLA_SERVER: url, FLOTILLA_TOKEN: 't' } })
    next = { connection: { state: 'lost', since: '2026-01-01T00:00:00Z', reason: 'cut' } }
    await assert.rejects(checkNetwork(io, 'east', { output: 'table' }), /lost/)
  })
  test('says nothing of a cluster in which nobody asked', () => {
    assert.equal(networkText(testIo({}), {}), undefined)
  })
})
