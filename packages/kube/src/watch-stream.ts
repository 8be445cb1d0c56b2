import type { KubeObject } from '@flotilla/model'
import type { WatchOptions } from './kube-client.ts'
import type { ResolvedKind, WatchEvent } from './kind-ref.ts'
import { lines } from './lines.ts'
import { collectionPath, slimmed, type ListSource } from './list.ts'
import { createPacer } from './pacer.ts'
import { queryString } from './paths.ts'
import { statusError } from './status-error.ts'

const maxEventBytes = 16 * 1024 * 1024

/** One watch connection that has begun. */
export interface OpenWatch<T> {
  readonly events: AsyncGenerator<WatchEvent<T>>
  close(): void
}

/**
 * Opens one watch; resolves when the API server has accepted it. The events end when the server ends the watch, and
 * throw `kube.gone` when the version is no longer kept, also when the server says so inside the stream.
 */
export async function openWatch<T extends KubeObject>(
  source: ListSource,
  options: WatchOptions,
): Promise<OpenWatch<T>> {
  const { transport, kind, headers } = source
  const path = collectionPath(kind, options)
  const query = queryString({
    watch: true,
    allowWatchBookmarks: true,
    resourceVersion: options.resourceVersion,
    timeoutSeconds: options.serverTimeoutSeconds,
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
  })
  const stream = await transport.open({
    method: 'GET',
    path: path + query,
    headers: { ...headers, accept: 'application/json' },
    idempotent: true,
    signal: options.signal,
    timeoutMs: options.timeoutMs,
  })
  async function* events(): AsyncGenerator<WatchEvent<T>> {
    const pace = createPacer()
    try {
      for await (const line of lines(stream.body, maxEventBytes)) {
        stream.heard()
        yield parseEvent<T>(line, kind, { cluster: transport.name, method: 'WATCH', path })
        await pace()
      }
    } finally {
      stream.close()
    }
  }
  return { events: events(), close: () => stream.close() }
}

interface RawEvent {
  type: string
  object: KubeObject
}

function parseEvent<T>(
  line: string,
  kind: ResolvedKind,
  context: { cluster: string; method: string; path: string },
): WatchEvent<T> {
  const { type, object } = JSON.parse(line) as RawEvent
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type, object: slimmed<T>(object, kind, undefined) }
    case 'BOOKMARK':
      return { type, resourceVersion: object.metadata.resourceVersion ?? '' }
    default:
      throw statusError(500, object, context)
  }
}
