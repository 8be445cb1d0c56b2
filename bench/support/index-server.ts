import { readFile } from 'node:fs/promises'
import { createKubeClient } from '@flotilla/kube'
import { known, unknown } from '@flotilla/model'
import { connectionOf } from '../../packages/kube/src/testing/connection-of.ts'
import { cluster, httpFixture, signIn } from '../../packages/server/src/http/testing/http-fixture.ts'

/**
 * A process of its own with the server's HTTP side and its index over one real API server under many names. Host and
 * people are in memory; nothing else of the server runs, so that what is measured is the index.
 */
const [, , kubeconfigPath = '', count = '1'] = process.argv
const connection = connectionOf(await readFile(kubeconfigPath, 'utf8'))
const names = Array.from({ length: Number(count) }, (_, at) => `c${String(at).padStart(2, '0')}`)
const clients = new Map(
  names.map((name) => [name, createKubeClient({ name, connection, userAgent: 'flotilla-bench-index' })]),
)
const host = createKubeClient({ name: 'host', connection, userAgent: 'flotilla-bench-index' })
const entry = (name: string) => ({
  name,
  labels: {},
  edge: false,
  connection: { state: 'connected', since: '', version: '' } as const,
})
const fixture = await httpFixture({
  checkAnswers: false,
  fleet: {
    host,
    list: () => names.map(entry),
    get: (name) => (clients.has(name) ? entry(name) : undefined),
    client: (name) => {
      const client = clients.get(name)
      return client === undefined ? unknown('no such cluster') : known(client)
    },
    deliveryClient: () => unknown('not part of this'),
    onChange: () => () => undefined,
  },
})
for (const name of names) fixture.state.clusters.put(cluster(name))
const { url } = await fixture.http.listen({ host: '127.0.0.1', port: 0 })
const { authorization } = await signIn(fixture, 'admin')

let longest = 0
let last = performance.now()
setInterval(() => {
  const now = performance.now()
  longest = Math.max(longest, now - last)
  last = now
}, 1)

process.on('message', (message) => {
  if (message === 'use') {
    // a second one takes what the first one's finalizers let go
    globalThis.gc?.()
    globalThis.gc?.()
    const { heapUsed, external, rss } = process.memoryUsage()
    process.send?.({ heapUsed, external, rss, longestTurnMs: longest })
    longest = 0
    last = performance.now()
  } else process.exit(0)
})
process.send?.({ url, token: authorization.slice('Bearer '.length) })
