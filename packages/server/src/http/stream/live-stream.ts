import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { FlotillaError } from '@flotilla/model'
import { splitKey } from '../../fleet/controller-deps.ts'
import type { Caller, Services } from '../handler.ts'
import { projectOfNamespace } from '../views/application-view.ts'
import { ChangeRing, type LiveChange } from './change-ring.ts'
import { StreamReader, type StreamLimits } from './stream-reader.ts'

export interface LiveStream {
  serve(exchange: {
    readonly request: IncomingMessage
    readonly response: ServerResponse
    readonly caller: Caller
    readonly query: Record<string, unknown> | undefined
    readonly headers: OutgoingHttpHeaders
  }): Promise<void>
  readonly readers: number
  /** Tells every reader that the server goes. */
  close(): void
}

/** The one live stream: changes of the index to every reader that may see them, resumable for as long as they are kept. */
export function createLiveStream(services: Services, limits: StreamLimits): LiveStream {
  const ring = new ChangeRing(limits.kept)
  const readers = new Set<StreamReader>()
  const offer = (change: LiveChange): void => {
    const numbered = ring.add(change)
    for (const reader of readers) reader.offer(numbered)
  }
  const offerMove = (place: string): void => {
    const { namespace, name } = splitKey(place)
    const project = projectOfNamespace(namespace)
    if (project !== undefined) offer({ topic: 'moves', key: `${project}/${name}`, namespace })
  }
  const stops = [
    services.index.onChange(offer),
    services.releases.onChange(offer),
    services.deps.state.moves.onChange(offerMove),
  ]
  return {
    get readers() {
      return readers.size
    },
    serve: async ({ request, response, caller, query, headers }) => {
      const mine = [...readers].filter((reader) => reader.tokenHash === caller.tokenHash).length
      if (readers.size >= limits.readers || mine >= limits.readersOfOne) {
        refuse(
          response,
          mine >= limits.readersOfOne ? 'This session has too many streams open' : 'Too many streams are open',
        )
        return
      }
      response.writeHead(200, {
        ...headers,
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store, no-transform',
        'x-accel-buffering': 'no',
      })
      response.flushHeaders()
      const asked = request.headers['last-event-id'] ?? query?.['lastEventId']
      const topics = Array.isArray(query?.['topics']) ? query['topics'].map(String) : []
      const reader = new StreamReader({ response, caller, topics, services, limits })
      readers.add(reader)
      try {
        await reader.run(ring, typeof asked === 'string' && asked !== '' ? asked : undefined)
      } finally {
        readers.delete(reader)
      }
    },
    close: () => {
      for (const stop of stops) stop()
      for (const reader of readers) reader.end('shutdown', 'The server stops')
    },
  }
}

/** The exchange was taken from Fastify, so its errors are written here. */
function refuse(response: ServerResponse, message: string): void {
  const error = new FlotillaError('server.busy', { message, remedy: 'Close a tab or a command that watches' })
  response.writeHead(error.status, { 'content-type': 'application/json; charset=utf-8', 'retry-after': '5' })
  response.end(JSON.stringify({ error: error.toJSON() }))
}
