import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { testIo } from '../testing/test-io.ts'
import { change, remove } from './change.ts'
import { removeCluster } from './cluster.ts'

describe('changes, told to people and to programs (a stand-in for the server)', () => {
  let server: Server
  let url = ''
  const answers: Record<string, unknown> = {
    'POST sync': { project: 'shop', application: 'web', changed: true, paused: true },
    'DELETE web': { outcome: 'deleting' },
    'GET web': { matrix: { targets: [] } },
    'GET east': { deliveries: { total: 1 } },
    'DELETE east': { removing: true, deliveries: 1 },
    'DELETE shop': { outcome: 'deleted' },
  }
  before(async () => {
    server = createServer((request, response) => {
      const last = new URL(request.url ?? '/', 'http://x').pathname.split('/').at(-1)
      const answer = answers[`${request.method} ${last}`]
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(answer ?? {}))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(() => new Promise((resolve) => server.close(resolve)))
  const io = () => testIo({ env: { FLOTILLA_SERVER: url, FLOTILLA_TOKEN: 't' } })

  test('a sync of what is paused does not say that it is delivered now', async () => {
    const one = io()
    await change(one, 'sync', 'shop/web', { output: 'table' })
    assert.match(one.said.out, /shop\/web is paused/)
    assert.doesNotMatch(one.said.out, /delivered again now/)
  })

  test('what is removed is said as JSON to whoever asks for JSON', async () => {
    const printed = async (work: (one: ReturnType<typeof io>) => Promise<void>): Promise<unknown> => {
      const one = io()
      await work(one)
      return JSON.parse(one.said.out)
    }
    const json = { output: 'json', objects: 'keep' } as const
    assert.deepEqual(await printed((one) => remove(one, 'application', 'shop/web', json)), {
      outcome: 'deleting',
      objects: 'keep',
    })
    assert.deepEqual(await printed((one) => remove(one, 'project', 'shop', { ...json, workspace: 'retail' })), {
      outcome: 'deleted',
    })
    assert.deepEqual(await printed((one) => removeCluster(one, 'east', json)), {
      removing: true,
      deliveries: 1,
      objects: 'keep',
    })
  })
})
