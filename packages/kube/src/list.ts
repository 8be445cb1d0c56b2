import { FlotillaError, type KubeObject } from '@flotilla/model'
import { KubeError } from './kube-error.ts'
import type { ListOptions, SelectOptions } from './kube-client.ts'
import type { ListPage, ObjectList, ResolvedKind } from './kind-ref.ts'
import { ListScanner } from './list-scanner.ts'
import { createPacer } from './pacer.ts'
import { objectPath, queryString } from './paths.ts'
import type { Headers, Transport } from './transport.ts'

const defaultPageSize = 500
const defaultMaxItems = 100_000
const maxItemBytes = 16 * 1024 * 1024
/** A list that expires this often is too slow for how fast the cluster changes. */
const maxRestarts = 3

export interface ListSource {
  readonly transport: Transport
  readonly kind: ResolvedKind
  readonly headers: Headers
}

export function collectionPath(kind: ResolvedKind, options: SelectOptions): string {
  return objectPath(kind, { namespace: options.namespace })
}

/** Lists page by page. After an expired continue token it starts over, and says so in the page (`restart`). */
export async function* listPages<T>(source: ListSource, options: ListOptions<T>): AsyncGenerator<ListPage<T>> {
  let token = ''
  let restarts = 0
  let restart = false
  for (;;) {
    let page: ListPage<T> & { next: string }
    try {
      page = { ...(await readPage(source, options, token)), restart }
    } catch (thrown) {
      const expired = token !== '' && thrown instanceof KubeError && thrown.code === 'kube.gone'
      if (!expired || ++restarts > maxRestarts) throw thrown
      token = ''
      restart = true
      continue
    }
    restart = false
    yield page
    if (page.next === '') return
    token = page.next
  }
}

/** Lists everything, up to `maxItems`. */
export async function listAll<T>(source: ListSource, options: ListOptions<T>): Promise<ObjectList<T>> {
  const most = options.maxItems ?? defaultMaxItems
  let items: T[] = []
  let resourceVersion = ''
  for await (const page of listPages(source, options)) {
    if (page.restart) items = []
    for (const item of page.items) items.push(item)
    resourceVersion = page.resourceVersion
    if (items.length > most) {
      throw new FlotillaError('input.too_large', {
        message: `Cluster ${source.transport.name} has more than ${most} ${source.kind.resource}.`,
        remedy: 'Narrow the list by namespace or selector.',
      })
    }
  }
  return { items, resourceVersion }
}

async function readPage<T>(
  { transport, kind, headers }: ListSource,
  options: ListOptions<T>,
  token: string,
): Promise<Omit<ListPage<T>, 'restart'> & { next: string }> {
  const query = queryString({
    limit: options.pageSize ?? defaultPageSize,
    continue: token === '' ? undefined : token,
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
  })
  const call = {
    method: 'GET',
    path: collectionPath(kind, options) + query,
    headers: { ...headers, accept: 'application/json' },
    idempotent: true,
    signal: options.signal,
    timeoutMs: options.timeoutMs,
  }
  return transport.call(call, async ({ body }) => {
    const items: T[] = []
    const pace = createPacer()
    const keep = (json: string): void => {
      items.push(slimmed(JSON.parse(json) as KubeObject, kind, options.project))
    }
    const scanner = new ListScanner({ onItem: keep, maxItemBytes })
    for await (const chunk of body) {
      scanner.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
      await pace()
    }
    const { metadata = {} } = scanner.end()
    return {
      items,
      resourceVersion: typeof metadata['resourceVersion'] === 'string' ? metadata['resourceVersion'] : '',
      next: typeof metadata['continue'] === 'string' ? metadata['continue'] : '',
      remaining: typeof metadata['remainingItemCount'] === 'number' ? metadata['remainingItemCount'] : undefined,
    }
  })
}

/** Names the kind (the items of a typed list do not), drops managedFields and keeps what `project` keeps. */
export function slimmed<T>(
  object: KubeObject,
  kind: Pick<ResolvedKind, 'group' | 'version' | 'kind'>,
  project: ((object: KubeObject) => T) | undefined,
): T {
  const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`
  // Rebuilt rather than deleted from: deletion would turn the object into a slow and large dictionary.
  const { managedFields: _, ...metadata } = object.metadata
  const slim: KubeObject = { ...object, apiVersion, kind: kind.kind, metadata }
  return project === undefined ? (slim as T) : project(slim)
}
