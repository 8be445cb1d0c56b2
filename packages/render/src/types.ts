/**
 * What other packages program against: sources, requests and rendered sets. No behaviour here.
 * `createRenderer` in renderer.ts is the way in.
 */
import type { KubeObject, Patch } from '@flotilla/model'

/** JSON as it travels in values; `undefined` never appears. */
export type Json = string | number | boolean | null | Json[] | JsonObject
export interface JsonObject {
  [key: string]: Json
}

// ---- where a component comes from ------------------------------------------------------------

export interface OciSource {
  /** `oci://host[:port]/path/name` */
  readonly url: string
  /** A tag, a semver range for charts, or `sha256:...`. */
  readonly version: string
}

export interface ChartRepositorySource {
  readonly url: string
  readonly name: string
  /** A version or a semver range. */
  readonly version: string
}

export interface GitSource {
  /** `https://...`, or `http://...` for hosts that the administrator lists; credentials never belong in it. */
  readonly url: string
  /** Branch, tag or full commit; the default branch when left out. */
  readonly ref?: string | undefined
  /** Folder inside the repository, relative; the root when left out. */
  readonly path?: string | undefined
}

export interface UploadSource {
  /** Digest of a blob that was uploaded before: a packaged chart or a `.tgz` of a folder. */
  readonly digest: string
}

/** Exactly one key is set. */
export interface ChartSpec {
  readonly oci?: OciSource | undefined
  readonly repository?: ChartRepositorySource | undefined
  readonly git?: GitSource | undefined
  readonly upload?: UploadSource | undefined
}

/** Exactly one of `oci`, `git`, `upload` (and `inline` for manifests) is set. */
export interface FolderSpec {
  readonly oci?: OciSource | undefined
  readonly git?: GitSource | undefined
  readonly upload?: UploadSource | undefined
  /** Folder inside what was fetched. */
  readonly path?: string | undefined
}

/** Exactly one of `helm`, `kustomize`, `manifests` is set. */
export interface SourceSpec {
  readonly helm?: { readonly chart: ChartSpec; readonly releaseName?: string | undefined } | undefined
  readonly kustomize?: FolderSpec | undefined
  readonly manifests?: (FolderSpec & { readonly inline?: string | undefined }) | undefined
}

/** Secret material for one fetch. It is never logged, never put in a URL, an argument or an error. */
export type SourceCredentials = {
  readonly auth?:
    | { readonly type: 'basic'; readonly username: string; readonly password: string }
    | { readonly type: 'bearer'; readonly token: string }
    | undefined
  /** PEM of the certificate authority to trust for this source, instead of the system's. */
  readonly ca?: string | undefined
}

/** A source fetched and pinned: the same digest always renders from the same bytes. */
export interface ResolvedSource {
  readonly kind: 'helm' | 'kustomize' | 'manifests'
  /** `sha256:...` over the content (for folders: over paths and bytes, not over the packing). */
  readonly digest: string
  /** What a person reads: `oci://host/name:1.2.3@sha256:...`, `https://host/repo@<commit>`. No secret. */
  readonly pinned: string
  /** Resolved chart version, tag or commit, whichever the source has. */
  readonly revision: string
  /** `archive`: a gzipped tar; `yaml`: one stream of manifests. */
  readonly format: 'archive' | 'yaml'
  readonly bytes: Uint8Array
  /** For kustomize: the folder inside the archive to build. */
  readonly path?: string | undefined
}

// ---- rendering --------------------------------------------------------------------------------

export interface ReleaseIdentity {
  readonly name: string
  readonly namespace: string
  /** True sets `.Release.IsUpgrade`; `.Release.Revision` is then `revision`, else 1 as in Helm. */
  readonly upgrade: boolean
  readonly revision: number
}

export interface ClusterCapabilities {
  /** Such as `v1.36.3`. */
  readonly kubeVersion: string
  /** `group/version` and `group/version/Kind`, as the cluster's discovery gives them. */
  readonly apiVersions: readonly string[]
  /** `exact` (default): only `apiVersions`; `extend`: added to Helm's built-in list, as `helm template` does. */
  readonly mode?: 'exact' | 'extend' | undefined
}

export interface LookupQuery {
  readonly apiVersion: string
  readonly kind: string
  /** Empty: cluster-scoped or all namespaces. */
  readonly namespace: string
  /** Empty: a list is wanted. */
  readonly name: string
}

/**
 * Answers a template's `lookup`, read as the project's delivery group. `null` means it does not exist.
 * Throwing fails the render with that error.
 */
export type LookupFunction = (query: LookupQuery, signal: AbortSignal) => Promise<KubeObject | JsonObject | null>

export interface RenderRequest {
  readonly source: ResolvedSource
  readonly release: ReleaseIdentity
  /** Already merged over all layers; a null deletes a default of the chart. */
  readonly values?: JsonObject | undefined
  readonly capabilities: ClusterCapabilities
  /** Image name as rendered, without tag and digest -> `name`, `name:tag`, `name@sha256:...`, `:tag` or `@sha256:...`. */
  readonly images?: Readonly<Record<string, string>> | undefined
  /** JSON patches in their order; a `*` in a target's name stands for anything. */
  readonly patches?: readonly Patch[] | undefined
  /** Texts from Secrets that must never appear in an error or finding. */
  readonly redact?: readonly string[] | undefined
  /** Left out: `lookup` finds nothing, as in `helm template`, and a finding says so. */
  readonly lookup?: LookupFunction | undefined
  readonly signal?: AbortSignal | undefined
}

export type HookEvent =
  | 'pre-install'
  | 'post-install'
  | 'pre-delete'
  | 'post-delete'
  | 'pre-upgrade'
  | 'post-upgrade'
  | 'pre-rollback'
  | 'post-rollback'
  | 'test'

export type HookDeletePolicy = 'hook-succeeded' | 'hook-failed' | 'before-hook-creation'

export interface Hook {
  readonly name: string
  /** Template that it came from: `shop/templates/migrate.yaml`. */
  readonly path: string
  readonly object: KubeObject
  readonly events: readonly HookEvent[]
  readonly weight: number
  /** Empty in the chart means `before-hook-creation`, as in Helm; the default is filled in here. */
  readonly deletePolicies: readonly HookDeletePolicy[]
  readonly outputLogPolicies: readonly ('hook-succeeded' | 'hook-failed')[]
}

export type FindingCode =
  | 'render.unstable'
  | 'render.lookup_skipped'
  | 'render.duplicate_key'
  | 'render.duplicate_object'
  | 'image.unmatched'
  | 'patch.unmatched'
  | 'chart.deprecated'

/** Something a person should know; it does not stop the render. */
export interface Finding {
  readonly code: FindingCode
  readonly message: string
  /** `Deployment shop/web`, where one object is meant. */
  readonly object?: string | undefined
  /** Path of the field, such as `spec.template.spec.containers[0].image`. */
  readonly path?: string | undefined
  /** Of several fields all, where `path` is the first. */
  readonly paths?: readonly string[] | undefined
}

export interface ChartIdentity {
  readonly name: string
  readonly version: string
  readonly appVersion: string
}

/** What a Helm release record says of the rendering; goes to `encodeRelease` unchanged. */
export interface HelmReleaseContent {
  readonly manifest: string
  readonly hooks: readonly HelmHookRecord[]
  readonly values: JsonObject
  readonly notes: string
}

export interface HelmHookRecord {
  readonly name: string
  readonly kind: string
  readonly path: string
  readonly manifest: string
  readonly events: readonly HookEvent[]
  readonly weight: number
  readonly deletePolicies: readonly HookDeletePolicy[]
  readonly outputLogPolicies: readonly ('hook-succeeded' | 'hook-failed')[]
  readonly lastRun?: HookExecution | undefined
}

export interface HookExecution {
  readonly startedAt?: string | undefined
  readonly completedAt?: string | undefined
  readonly phase: 'Unknown' | 'Running' | 'Succeeded' | 'Failed' | ''
}

export interface RenderedSet {
  /** Keyed digest over objects, CRDs and hooks: it covers secret values. */
  readonly digest: string
  /** In Helm's install order; namespaces are as the templates gave them (see `defaultNamespace`). */
  readonly objects: readonly KubeObject[]
  /** From the chart's `crds/` folders; custom resource definitions in templates stay in `objects`. */
  readonly crds: readonly KubeObject[]
  readonly hooks: readonly Hook[]
  readonly notes: string
  readonly chart?: ChartIdentity | undefined
  readonly helmRelease?: HelmReleaseContent | undefined
  /** `refKey` of an object -> template or file that it came from. */
  readonly origins: Readonly<Record<string, string>>
  readonly findings: readonly Finding[]
}

// ---- Helm's release records -------------------------------------------------------------------

export type ReleaseStatus =
  | 'unknown'
  | 'deployed'
  | 'uninstalled'
  | 'superseded'
  | 'failed'
  | 'uninstalling'
  | 'pending-install'
  | 'pending-upgrade'
  | 'pending-rollback'

export interface ReleaseRecordInput {
  readonly name: string
  readonly namespace: string
  readonly version: number
  readonly status: ReleaseStatus
  /** RFC 3339. */
  readonly firstDeployed: string
  readonly lastDeployed: string
  readonly description: string
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly source: ResolvedSource
  readonly content: HelmReleaseContent
}

/** A Secret of type `helm.sh/release.v1`, ready to be written. */
export type ReleaseSecret = KubeObject & { type: string; data: { release: string } }

export interface ReleaseRecord {
  readonly name: string
  readonly namespace: string
  readonly version: number
  readonly status: ReleaseStatus
  readonly firstDeployed: string
  readonly lastDeployed: string
  readonly deleted?: string | undefined
  readonly description: string
  readonly chart: ChartIdentity
  readonly applyMethod: string
  readonly labels: Readonly<Record<string, string>>
  readonly content: HelmReleaseContent
}

/** What may change in a record that is already written; everything else stays byte for byte Helm's. */
export interface ReleaseRevision {
  readonly status?: ReleaseStatus | undefined
  readonly description?: string | undefined
  readonly deleted?: string | undefined
  /** Execution results by hook name. */
  readonly hookRuns?: Readonly<Record<string, HookExecution>> | undefined
}

export interface ChartDescription {
  readonly name: string
  readonly version: string
  readonly appVersion: string
  readonly description: string
  readonly type: string
  readonly kubeVersion: string
  readonly deprecated: boolean
  readonly icon: string
  readonly home: string
  readonly dependencies: readonly { readonly name: string; readonly version: string; readonly condition: string }[]
  /** `values.yaml`, parsed, of this chart. */
  readonly defaults: JsonObject
  /** `values.yaml` as written, with its comments. */
  readonly defaultsText: string
  /** `values.schema.json`, where there is one. */
  readonly schema?: JsonObject | undefined
}

// ---- the renderer -----------------------------------------------------------------------------

/** Keeps rendered sets beyond this process; the server encrypts what it is given. */
export interface BlobStore {
  get(key: string): Promise<Uint8Array | undefined>
  put(key: string, bytes: Uint8Array): Promise<void>
}

export interface RendererStats {
  /** Calls of the worker that rendered; a cache hit makes none. */
  readonly renders: number
  readonly cacheHits: number
  readonly workerRestarts: number
  readonly workers: number
}

export interface WorkerDescription {
  readonly helm: string
  readonly kustomize: string
  /** What the kernel granted: no network, no files. */
  readonly isolation: { readonly network: boolean; readonly files: boolean }
}

export interface Renderer {
  /** Fetches and pins. Errors: `source.*`, `address.refused`, `archive.refused`, `input.*`. */
  resolveSource(source: SourceSpec, credentials?: SourceCredentials, signal?: AbortSignal): Promise<ResolvedSource>
  /** Errors: `render.*`, `input.yaml`, `source.refused` (a kustomization that reaches outside). */
  render(request: RenderRequest): Promise<RenderedSet>
  showChart(source: ResolvedSource, signal?: AbortSignal): Promise<ChartDescription>
  /** The values as the templates see them: defaults of the chart and its subcharts under `values`. */
  computeChartValues(source: ResolvedSource, values: JsonObject, signal?: AbortSignal): Promise<JsonObject>
  encodeRelease(input: ReleaseRecordInput, signal?: AbortSignal): Promise<ReleaseSecret>
  decodeRelease(secret: KubeObject, signal?: AbortSignal): Promise<ReleaseRecord>
  /** The same record with another status, as Helm's own storage would rewrite it. */
  reviseRelease(secret: KubeObject, revision: ReleaseRevision, signal?: AbortSignal): Promise<ReleaseSecret>
  /** Version and isolation of the worker: an installation that lacks isolation should say so. */
  describeWorker(): Promise<WorkerDescription>
  stats(): RendererStats
  close(): Promise<void>
}
