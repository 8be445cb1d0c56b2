import {
  findInexactInteger,
  FlotillaError,
  inexactIntegerRemedy,
  type KubeObject,
  refKey,
  refOf,
  refText,
} from '@flotilla/model'
import { readArchive } from '../archive/read-archive.ts'
import { subtree } from '../archive/file-tree.ts'
import { compareForInstall } from '../objects/install-order.ts'
import type { ChartIdentity, Finding, HelmHookRecord, LookupQuery, RenderRequest } from '../types.ts'
import type { WorkerPool } from '../worker/worker-pool.ts'
import type { ObjectsAnswer, RenderAnswer, RenderItem } from '../worker/worker-protocol.ts'

/** What a source renders to, before images and patches. This is what the cache keeps. */
export interface RawRender {
  readonly objects: readonly KubeObject[]
  readonly crds: readonly KubeObject[]
  readonly hooks: readonly RawHook[]
  readonly notes: string
  readonly origins: Readonly<Record<string, string>>
  readonly findings: readonly Finding[]
  readonly lookups: readonly LookupQuery[]
  readonly helm:
    | { readonly chart: ChartIdentity; readonly manifest: string; readonly hooks: readonly HelmHookRecord[] }
    | undefined
}

export interface RawHook {
  readonly object: KubeObject
  /** Place in `helm.hooks`. */
  readonly record: number
}

export const maxOutputBytes = 32 * 1024 * 1024

/** Lets the worker render. Kustomize and manifests come out in Helm's install order too. */
export async function renderRaw(pool: WorkerPool, request: RenderRequest): Promise<RawRender> {
  return request.source.kind === 'helm' ? renderChart(pool, request) : renderFolder(pool, request)
}

async function renderChart(pool: WorkerPool, request: RenderRequest): Promise<RawRender> {
  const { source, release, values, capabilities, lookup, signal } = request
  const collected = new Collector()
  const answer = await pool.run<RenderAnswer>({
    method: 'render',
    params: {
      chart: Buffer.from(source.bytes).toString('base64'),
      name: release.name,
      namespace: release.namespace,
      upgrade: release.upgrade,
      revision: release.revision,
      values: values ?? {},
      kubeVersion: capabilities.kubeVersion,
      apiVersions: capabilities.apiVersions,
      extend: capabilities.mode === 'extend',
      lookup: lookup !== undefined,
      verify: true,
      maxOutput: maxOutputBytes,
    },
    signal,
    collect: () => collected.start(),
    onLookup: lookup === undefined ? undefined : (query, stop) => lookup(query as LookupQuery, stop), // fixed by the protocol
  })
  return {
    ...collected.result(answer.findings),
    lookups: answer.lookups ?? [],
    helm: { chart: answer.chart, manifest: collected.manifest, hooks: answer.hooks },
  }
}

async function renderFolder(pool: WorkerPool, request: RenderRequest): Promise<RawRender> {
  const { source, signal } = request
  const packed = source.format === 'yaml' ? undefined : subtree(await readArchive(source.bytes, signal), 'source')
  const files = packed ?? [{ path: 'manifests.yaml', data: source.bytes }]
  const wanted = source.kind === 'kustomize' ? files : files.filter((file) => isManifest(file.path))
  const collected = new Collector()
  const answer = await pool.run<ObjectsAnswer>({
    method: source.kind,
    params: {
      files: wanted.map(({ path, data }) => ({ path, data: Buffer.from(data).toString('base64') })),
      path: source.path ?? '',
      maxOutput: maxOutputBytes,
    },
    signal,
    collect: () => collected.start(),
  })
  const result = collected.result(answer.findings)
  return { ...result, objects: [...result.objects].sort(compareForInstall), lookups: [], helm: undefined }
}

/** YAML and JSON files; what is hidden (`.github/`) is not meant for a cluster. */
function isManifest(path: string): boolean {
  return /\.(?:ya?ml|json)$/.test(path) && !path.split('/').some((part) => part.startsWith('.'))
}

type RenderedItem = Exclude<RenderItem, { text: string }>

/** Gathers what the worker sends before its answer. A second try starts anew. */
class Collector {
  #items: RenderedItem[] = []
  #texts = { manifest: [] as string[], notes: [] as string[] }
  #refusal: FlotillaError | undefined

  start(): (item: unknown, line: string) => void {
    this.#items = []
    this.#refusal = undefined
    this.#texts = { manifest: [], notes: [] }
    return (value, line) => {
      const item = value as RenderItem // fixed by worker-protocol.ts
      if ('text' in item) this.#texts[item.type].push(item.text)
      else {
        this.#items.push(item)
        this.#refusal ??= refuseInexact(item, line)
      }
    }
  }

  get manifest(): string {
    return this.#texts.manifest.join('')
  }

  result(workerFindings: readonly Finding[]): Omit<RawRender, 'helm' | 'lookups'> {
    if (this.#refusal !== undefined) throw this.#refusal
    const findings = [...workerFindings]
    const objects: KubeObject[] = []
    const crds: KubeObject[] = []
    const hooks: RawHook[] = []
    const origins = new Map<string, string>()
    const seen = new Map<string, string>()
    for (const item of this.#items) {
      const key = refKey(refOf(item.object))
      if (item.type === 'hook') hooks.push({ object: withName(item.object), record: item.hook })
      else {
        const before = seen.get(key)
        if (before !== undefined) findings.push(twice(item.object, before, item.origin))
        seen.set(key, item.origin)
        ;(item.type === 'crd' ? crds : objects).push(item.object)
      }
      if (!origins.has(key)) origins.set(key, item.origin)
    }
    return { objects, crds, hooks, notes: this.#texts.notes.join(''), origins: Object.fromEntries(origins), findings }
  }
}

/** Numbers that would reach the cluster with other digits than the worker wrote. */
function refuseInexact({ object, origin }: RenderedItem, line: string): FlotillaError | undefined {
  const found = findInexactInteger(line)
  if (found === undefined) return undefined
  const path = found.path.replace(/^item\.object\./, '')
  return new FlotillaError('render.failed', {
    message: `${origin}: ${path} of ${refText(refOf(object))} is a whole number that cannot be carried without changing its digits`,
    remedy: inexactIntegerRemedy,
    field: path,
    value: found.digits,
  })
}

/** A hook may leave its name to be generated; here every object has one, an empty one at least. */
function withName(object: KubeObject): KubeObject {
  const { metadata } = object as { metadata: Partial<KubeObject['metadata']> }
  return metadata.name === undefined ? { ...object, metadata: { ...metadata, name: '' } } : object
}

function twice(object: KubeObject, first: string, second: string): Finding {
  const name = refText(refOf(object))
  return {
    code: 'render.duplicate_object',
    message: `${name} is rendered twice, by ${first} and ${second}; the last one counts`,
    object: name,
  }
}
