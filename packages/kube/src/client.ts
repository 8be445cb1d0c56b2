import { FlotillaError, type KubeObject } from '@flotilla/model'
import { parseBody, readBytes } from './body.ts'
import { systemClock, type Clock } from './clock.ts'
import type { ClusterConnection } from './connection.ts'
import { createDiscovery, type Discovery } from './discovery.ts'
import { checkIdentity, impersonationHeaders, type Identity } from './identity.ts'
import type { ByteStream, KubeClient, RawAnswer, RawRequest, WatchOptions } from './kube-client.ts'
import type { KindRef, ObjectKey, ResolvedKind } from './kind-ref.ts'
import { defaultLimits, type ClientLimits } from './limits.ts'
import { listAll, listPages, type ListSource } from './list.ts'
import { checkRequestPath, objectPath, queryString } from './paths.ts'
import { Transport, type Call } from './transport.ts'
import { openWatch } from './watch-stream.ts'
import { createWriter } from './write.ts'

export interface KubeClientOptions {
  /** The cluster's name, as people know it. */
  readonly name: string
  readonly connection: ClusterConnection
  /** Such as `flotilla-server/0.1.0`. */
  readonly userAgent: string
  readonly limits?: Partial<ClientLimits> | undefined
  readonly clock?: Clock | undefined
  /** Asked right before each request that may change something is sent; what it throws ends the call. */
  readonly beforeWrite?: (() => void) | undefined
}

const defaultMaxBytes = 32 * 1024 * 1024

/** Connects lazily: nothing is sent before the first call. */
export function createKubeClient(options: KubeClientOptions): KubeClient {
  const limits = { ...defaultLimits, ...options.limits }
  const transport = new Transport({ ...options, limits, clock: options.clock ?? systemClock })
  return view({ transport, discovery: createDiscovery(transport) }, undefined)
}

interface Core {
  readonly transport: Transport
  readonly discovery: Discovery
}

/** The cluster as one identity; all views share pool, breaker, limits and discovery. */
function view(core: Core, identity: Identity | undefined): KubeClient {
  const { transport, discovery } = core
  const headers = impersonationHeaders(identity)

  const callOf = (request: RawRequest): Call => ({
    method: request.method,
    path: checkRequestPath(request.path + queryString(request.query)),
    headers: {
      ...harmless(request.headers),
      accept: request.accept ?? 'application/json',
      ...(request.body !== undefined && { 'content-type': request.contentType ?? 'application/json' }),
      ...headers,
    },
    ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
    idempotent: request.idempotent ?? (request.method === 'GET' || request.method === 'HEAD'),
    timeoutMs: request.timeoutMs,
    signal: request.signal,
  })

  async function request<T = unknown>(raw: RawRequest): Promise<RawAnswer<T>> {
    return transport.call(callOf(raw), async (answer) => {
      const bytes = await readBytes(answer.body, raw.maxBytes ?? defaultMaxBytes)
      const body = parseBody(bytes, answer.headers['content-type']) as T
      return { status: answer.status, headers: answer.headers, body }
    })
  }

  async function stream(raw: RawRequest): Promise<ByteStream> {
    const answer = await transport.open(callOf(raw))
    return {
      status: answer.status,
      headers: answer.headers,
      close: () => answer.close(),
      async *[Symbol.asyncIterator]() {
        for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
          answer.heard()
          yield chunk
        }
      },
    }
  }

  const source = (kind: ResolvedKind): ListSource => ({ transport, kind, headers })
  const get = async <T extends KubeObject>(
    key: ObjectKey,
    options: Parameters<KubeClient['get']>[1] = {},
  ): Promise<T> => {
    const kind = await discovery.resolveKind(key, options)
    const path = objectPath(kind, { namespace: key.namespace, name: key.name, subresource: options.subresource })
    const { signal, timeoutMs } = options
    return (await request<T>({ method: 'GET', path, signal, timeoutMs })).body
  }

  return {
    name: transport.name,
    discovery,
    transport,
    identity,
    as: (next) => {
      if (identity !== undefined) {
        throw new FlotillaError('auth.forbidden', {
          message: `A view that acts as ${identity.user} cannot become ${next.user}.`,
          remedy: 'Take the view from the cluster client itself.',
        })
      }
      return view(core, checkIdentity(next))
    },
    get,
    find: async (key, options) => {
      try {
        return await get(key, options)
      } catch (thrown) {
        if (thrown instanceof FlotillaError && thrown.code === 'kube.not_found') return undefined
        throw thrown
      }
    },
    list: async (kind, options = {}) => listAll(source(await discovery.resolveKind(kind, options)), options),
    pages: async function* (kind, options = {}) {
      yield* listPages(source(await discovery.resolveKind(kind, options)), options)
    },
    watch: async function* <T extends KubeObject>(kind: KindRef, options: WatchOptions) {
      yield* (await openWatch<T>(source(await discovery.resolveKind(kind, options)), options)).events
    },
    ...createWriter({ request, discovery }),
    request,
    stream,
    logs: (pod, { signal, timeoutMs, ...query } = {}) =>
      stream({
        method: 'GET',
        path: objectPath(pods, { ...pod, subresource: 'log' }),
        query,
        accept: '*/*',
        signal,
        timeoutMs,
      }),
    serverVersion: async (options) =>
      (await request<Awaited<ReturnType<KubeClient['serverVersion']>>>({ ...options, method: 'GET', path: '/version' }))
        .body,
    readyz: async (options) => void (await request({ ...options, method: 'GET', path: '/readyz', accept: '*/*' })),
    close: () => transport.close(),
  }
}

const pods = { group: '', version: 'v1', kind: 'Pod', resource: 'pods', namespaced: true }

/** Who asks, and as whom, is for the client alone to say. */
function harmless(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  for (const name of Object.keys(headers)) {
    if (
      /^(?:authorization|cookie|host|connection|transfer-encoding|content-length|impersonate-.*|x-remote-.*)$/i.test(
        name,
      )
    ) {
      throw new FlotillaError('auth.forbidden', {
        message: `The header ${name} cannot be set on a request to a cluster.`,
        remedy: 'Leave it out; use `as` to act as somebody.',
        field: `headers.${name}`,
      })
    }
  }
  return { ...headers }
}
