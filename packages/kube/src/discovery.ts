import { FlotillaError } from '@flotilla/model'
import { parseBody, readBytes } from './body.ts'
import type { CallOptions } from './kube-client.ts'
import type { KindRef, ResolvedKind } from './kind-ref.ts'
import { parseAggregated, parseGroups, parseResources, type ServedVersion } from './discovery-documents.ts'
import { groupPath } from './paths.ts'
import type { Transport } from './transport.ts'

/** What kinds the cluster serves. Cached; asked again after a while, and at once when a kind is missing. */
export interface Discovery {
  /** `kube.kind_not_served` when the cluster has no such kind, `kube.group_unavailable` when its group does not answer. */
  resolveKind(kind: KindRef, options?: CallOptions): Promise<ResolvedKind>
  /** Every kind in its preferred version. */
  kinds(options?: CallOptions): Promise<readonly ResolvedKind[]>
  /** `v1`, `apps/v1`, `apps/v1/Deployment` ...: what Helm charts ask for as capabilities. Sorted. */
  apiVersions(options?: CallOptions): Promise<readonly string[]>
  /** Group versions that are registered but did not answer. */
  unavailable(options?: CallOptions): Promise<readonly string[]>
  /** The next question asks the cluster again. */
  forget(): void
  /** Asks the cluster again; until it has answered, what is known goes on answering. */
  renew(options?: CallOptions): Promise<void>
}

const aggregatedAccept = ['v2', 'v2beta1']
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .concat('application/json')
  .join(',')

const freshMs = 5 * 60_000
/** A missing kind may have come a moment ago, but asking for it again and again must not burden the cluster. */
const missMs = 2_000
const maxBytes = 32 * 1024 * 1024
const fallbackConcurrency = 4

interface Snapshot {
  readonly at: number
  readonly served: readonly ServedVersion[]
  readonly byKind: ReadonlyMap<string, ResolvedKind>
}

export function createDiscovery(transport: Transport): Discovery {
  let snapshot: Snapshot | undefined
  let refreshing: Promise<Snapshot> | undefined

  /** One refresh serves all who wait; each waits no longer than its own deadline. */
  async function current(maxAgeMs: number, options: CallOptions): Promise<Snapshot> {
    if (snapshot !== undefined && transport.clock.elapsed() - snapshot.at < maxAgeMs) return snapshot
    refreshing ??= refresh().finally(() => {
      refreshing = undefined
    })
    return waitFor(refreshing, options.signal)
  }

  async function refresh(): Promise<Snapshot> {
    const [core, groups] = await Promise.all([fetchServed('/api'), fetchServed('/apis')])
    snapshot = indexed([...core, ...groups], transport.clock.elapsed())
    return snapshot
  }

  async function fetchServed(path: '/api' | '/apis'): Promise<ServedVersion[]> {
    const document = await getJson(path, aggregatedAccept)
    if (isKind(document, 'APIGroupDiscoveryList')) return parseAggregated(document)
    if (path === '/api') {
      const versions = (document as { versions?: string[] }).versions ?? []
      return Promise.all(versions.map((version, at) => fetchResources({ group: '', version, preferred: at === 0 })))
    }
    const groups = parseGroups(document)
    const served: ServedVersion[] = []
    for (let at = 0; at < groups.length; at += fallbackConcurrency) {
      served.push(...(await Promise.all(groups.slice(at, at + fallbackConcurrency).map(fetchResources))))
    }
    return served
  }

  async function fetchResources(of: { group: string; version: string; preferred: boolean }): Promise<ServedVersion> {
    try {
      const document = await getJson(groupPath(of.group, of.version), 'application/json')
      return { ...of, stale: false, kinds: parseResources(document, of.group, of.version) }
    } catch (thrown) {
      if (!(thrown instanceof FlotillaError) || !thrown.code.startsWith('kube.')) throw thrown
      return { ...of, stale: true, kinds: [] }
    }
  }

  async function getJson(path: string, accept: string): Promise<unknown> {
    return transport.call({ method: 'GET', path, headers: { accept }, idempotent: true }, async ({ body, headers }) =>
      parseBody(await readBytes(body, maxBytes), headers['content-type']),
    )
  }

  async function resolveKind(kind: KindRef, options: CallOptions = {}): Promise<ResolvedKind> {
    const key = kindKey(kind)
    const found = (await current(freshMs, options)).byKind.get(key)
    if (found !== undefined) return found
    const again = await current(missMs, options)
    return again.byKind.get(key) ?? fail(kind, again)
  }

  function fail(kind: KindRef, { served }: Snapshot): never {
    const name = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`
    if (served.some((one) => one.stale && one.group === kind.group)) {
      throw new FlotillaError('kube.group_unavailable', {
        message: `Cluster ${transport.name}: the API group ${kind.group} is registered but does not answer, so ${kind.kind} is not known.`,
        remedy: `See \`kubectl get apiservices\` in that cluster: the service behind ${kind.group} is down.`,
      })
    }
    const versions = served
      .filter((one) => one.group === kind.group && one.kinds.some((other) => other.kind === kind.kind))
      .map((one) => one.version)
    throw new FlotillaError('kube.kind_not_served', {
      message:
        versions.length === 0
          ? `Cluster ${transport.name} does not know the kind ${name}.`
          : `Cluster ${transport.name} serves ${name} as ${versions.join(', ')}, not as ${kind.version}.`,
      remedy:
        versions.length === 0
          ? 'Install what brings this kind (a CustomResourceDefinition), or check its spelling.'
          : 'Use a version that it serves.',
      field: 'apiVersion',
      value: kind.version ?? kind.group,
    })
  }

  return {
    resolveKind,
    kinds: async (options = {}) => {
      const { byKind } = await current(freshMs, options)
      return [...byKind].filter(([key]) => key.endsWith('/')).map(([, kind]) => kind)
    },
    apiVersions: async (options = {}) => apiVersions((await current(freshMs, options)).served),
    unavailable: async (options = {}) =>
      (await current(freshMs, options)).served.filter((one) => one.stale).map((one) => `${one.group}/${one.version}`),
    forget: () => {
      snapshot = undefined
    },
    renew: async (options = {}) => void (await current(0, options)),
  }
}

function indexed(served: readonly ServedVersion[], at: number): Snapshot {
  const byKind = new Map<string, ResolvedKind>()
  for (const kind of served.flatMap((one) => one.kinds)) {
    // The first to name a kind is the one meant: some resources answer with the kind of another one.
    const exact = kindKey(kind)
    if (!byKind.has(exact)) byKind.set(exact, kind)
  }
  const preferredFirst = [...served].sort((a, b) => Number(b.preferred) - Number(a.preferred))
  for (const kind of preferredFirst.flatMap((one) => one.kinds)) {
    const any = kindKey({ group: kind.group, kind: kind.kind })
    if (!byKind.has(any)) byKind.set(any, kind)
  }
  return { at, served, byKind }
}

const kindKey = (kind: KindRef): string => `${kind.group}/${kind.kind}/${kind.version ?? ''}`

function apiVersions(served: readonly ServedVersion[]): string[] {
  const all = new Set<string>()
  for (const { group, version, kinds } of served) {
    const apiVersion = group === '' ? version : `${group}/${version}`
    all.add(apiVersion)
    for (const { kind } of kinds) all.add(`${apiVersion}/${kind}`)
  }
  return [...all].sort()
}

const isKind = (document: unknown, kind: string): boolean =>
  typeof document === 'object' && document !== null && 'kind' in document && document.kind === kind

function waitFor<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error)
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
