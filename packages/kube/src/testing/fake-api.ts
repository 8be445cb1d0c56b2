import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { KubeObject } from '@flotilla/model'
import type { ClusterConnection } from '../connection.ts'

/**
 * The lists and watches of one kind (ConfigMap), in memory, for what a real API server cannot be made to do on
 * command: going back in time, forgetting versions, saying nothing. Everything else is tested on a real one.
 */
export interface FakeApi extends AsyncDisposable {
  readonly connection: ClusterConnection
  /** `method path`, of every request. */
  readonly seen: string[]
  revision: number
  /** As after a restore from a backup: what came later never was. */
  rewind(revision: number): void
  put(name: string, data: Record<string, string>): void
  remove(name: string): void
  /** Removes without telling those who watch. */
  removeSilently(name: string): void
  bookmark(): void
  /** Writes a line to every open watch. */
  send(line: unknown): void
  /** Ends every open watch, as at its timeout. */
  endWatches(): void
  /** Versions before this one are gone. */
  forgetBefore(revision: number): void
  /** Answers to requests of this kind; undefined lets the fake answer. */
  intercept: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined
  readonly watches: number
}

interface Event {
  readonly revision: number
  readonly line: string
}

export async function createFakeApi(startRevision = 100): Promise<FakeApi> {
  const objects = new Map<string, KubeObject>()
  const events: Event[] = []
  const watches = new Set<ServerResponse>()
  let oldest = 0

  const server = createServer((request, response) => {
    api.seen.push(`${request.method} ${request.url}`)
    if (api.intercept?.(request, response) === true) return
    const url = new URL(request.url ?? '/', 'http://fake')
    if (url.pathname === '/api') return json(response, 200, discovery)
    if (url.pathname === '/apis') return json(response, 200, { kind: 'APIGroupDiscoveryList', items: [] })
    if (url.pathname === '/readyz') return json(response, 200, {})
    if (url.pathname !== '/api/v1/configmaps') return json(response, 404, status(404, 'NotFound', 'no such path'))
    if (url.searchParams.get('watch') === 'true') watch(url, response)
    else list(url, response)
  })

  function list(url: URL, response: ServerResponse): void {
    const limit = Number(url.searchParams.get('limit') ?? 0)
    const [at, from] = (url.searchParams.get('continue') ?? `${api.revision}:0`).split(':').map(Number)
    if ((at ?? 0) < oldest) return json(response, 410, status(410, 'Expired', 'the continue token has expired'))
    const all = [...objects.values()]
    const start = from ?? 0
    const items = all.slice(start, start + limit)
    const more = start + limit < all.length
    const metadata = { resourceVersion: String(at), ...(more && { continue: `${at}:${start + limit}` }) }
    json(response, 200, { kind: 'ConfigMapList', apiVersion: 'v1', metadata, items })
  }

  function watch(url: URL, response: ServerResponse): void {
    const from = Number(url.searchParams.get('resourceVersion'))
    if (from < oldest) return json(response, 410, status(410, 'Expired', 'too old resource version'))
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    for (const event of events) if (event.revision > from) response.write(event.line)
    watches.add(response)
    response.once('close', () => watches.delete(response))
  }

  function record(type: string, object: KubeObject): void {
    const line = `${JSON.stringify({ type, object })}\n`
    events.push({ revision: api.revision, line })
    for (const response of watches) response.write(line)
  }

  const api: FakeApi = {
    connection: { server: '', auth: { kind: 'anonymous' } },
    seen: [],
    revision: startRevision,
    intercept: undefined,
    rewind: (revision) => {
      api.revision = revision
      events.splice(0, events.length, ...events.filter((event) => event.revision <= revision))
    },
    put: (name, data) => {
      const type = objects.has(name) ? 'MODIFIED' : 'ADDED'
      const object = configMap(name, String(++api.revision), data)
      objects.set(name, object)
      record(type, object)
    },
    remove: (name) => {
      objects.delete(name)
      record('DELETED', configMap(name, String(++api.revision), {}))
    },
    removeSilently: (name) => {
      objects.delete(name)
      api.revision++
    },
    bookmark: () => api.send({ type: 'BOOKMARK', object: configMap('', String(api.revision), {}) }),
    send: (line) => watches.forEach((response) => response.write(`${JSON.stringify(line)}\n`)),
    endWatches: () => watches.forEach((response) => response.end()),
    forgetBefore: (revision) => {
      oldest = revision
    },
    get watches() {
      return watches.size
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.defineProperty(api, 'connection', {
    value: { server: `http://127.0.0.1:${port}`, auth: { kind: 'anonymous' } } satisfies ClusterConnection,
  })
}

const discovery = {
  kind: 'APIGroupDiscoveryList',
  items: [
    {
      metadata: {},
      versions: [
        {
          version: 'v1',
          resources: [
            {
              resource: 'configmaps',
              responseKind: { kind: 'ConfigMap' },
              scope: 'Namespaced',
              verbs: ['list', 'watch'],
            },
          ],
        },
      ],
    },
  ],
}

function configMap(name: string, resourceVersion: string, data: Record<string, string>): KubeObject {
  const managedFields = [{ manager: 'test' }]
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'a', resourceVersion, managedFields },
    data,
  }
}

/** A Kubernetes Status of a failure. */
export function status(code: number, reason: string, message: string): Record<string, unknown> {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message }
}

function json(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}
