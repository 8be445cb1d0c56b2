import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { test } from 'node:test'
import { text } from 'node:stream/consumers'
import { silentLog } from '@flotilla/engine'
import { createKubeClient } from '@flotilla/kube'
import { createTestClock } from '@flotilla/kube/testing/clock'
import { createFakeApi } from '@flotilla/kube/testing/fake-api'
import { until } from '../../testing/until.ts'
import { createReplicaRegistry } from './replica-registry.ts'

const leases = {
  resource: 'leases',
  responseKind: { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease' },
  scope: 'Namespaced',
  verbs: ['get', 'list', 'watch', 'patch', 'delete'],
}
const groups = {
  kind: 'APIGroupDiscoveryList',
  items: [{ metadata: { name: 'coordination.k8s.io' }, versions: [{ version: 'v1', resources: [leases] }] }],
}

test('a tunnel that comes while others are told of those before is told of at once (a stand-in for the host)', async () => {
  const api = await createFakeApi()
  const writes: { tunnels: string; answer: () => void }[] = []
  const send = (response: ServerResponse, body: string): void => {
    response.setHeader('content-type', 'application/json')
    response.end(body)
  }
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request)
    const { metadata } = JSON.parse(body) as { metadata: { annotations: Record<string, string> } }
    const tunnels = metadata.annotations['flotilla.dev/tunnels'] ?? ''
    writes.push({ tunnels, answer: () => send(response, body) })
  }
  api.intercept = (request, response) => {
    if (request.url === '/apis') send(response, JSON.stringify(groups))
    else if (request.method === 'PATCH') void take(request, response)
    else return false
    return true
  }
  const host = createKubeClient({
    name: 'host',
    connection: api.connection,
    userAgent: 'test',
    limits: { heartbeatMs: 0 },
  })
  const ending = new AbortController()
  // it stands still: nothing is told because its time has come
  const clock = createTestClock()
  const registry = createReplicaRegistry({
    host,
    name: 'one',
    address: 'one:8080',
    clock,
    log: silentLog,
    signal: ending.signal,
  })
  const written = (count: number) =>
    until(`${count} writes`, async () => writes.length >= count && writes[count - 1], 5)
  const tunnel = { cluster: 'east', class: 'bulk', epoch: 1 } as const
  try {
    const first = await written(1)
    registry.publish([tunnel])
    first.answer()
    const second = await written(2)
    assert.deepEqual([first.tunnels, JSON.parse(second.tunnels)], ['[]', [tunnel]])
    second.answer()
  } finally {
    ending.abort()
    await host.close()
    await api[Symbol.asyncDispose]()
  }
})
