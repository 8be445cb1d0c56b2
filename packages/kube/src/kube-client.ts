import type { KubeObject } from '@flotilla/model'
import type { Discovery } from './discovery.ts'
import type { Identity } from './identity.ts'
import type { KindRef, ListPage, ObjectKey, ObjectList, WatchEvent } from './kind-ref.ts'
import type { Transport } from './transport.ts'

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  /** Deadline of the whole call, waiting and retries included; 30 s when left out. */
  readonly timeoutMs?: number | undefined
}

export interface GetOptions extends CallOptions {
  readonly subresource?: string | undefined
}

export interface SelectOptions extends CallOptions {
  /** All namespaces when left out. */
  readonly namespace?: string | undefined
  readonly labelSelector?: string | undefined
  readonly fieldSelector?: string | undefined
}

export interface ListOptions<T = KubeObject> extends SelectOptions {
  /** Objects per page; 500 when left out. */
  readonly pageSize?: number | undefined
  /** `list` refuses with `input.too_large` above this many; 100,000 when left out. */
  readonly maxItems?: number | undefined
  /** Called on each object as it is parsed, so that a big list never is in memory whole; the default drops managedFields. */
  readonly project?: ((object: KubeObject) => T) | undefined
}

export interface WatchOptions extends SelectOptions {
  readonly resourceVersion: string
  /** The server ends the watch after this long. */
  readonly serverTimeoutSeconds?: number | undefined
}

export interface WriteOptions extends CallOptions {
  readonly fieldManager?: string | undefined
  readonly dryRun?: boolean | undefined
  readonly subresource?: string | undefined
  /** Strict makes an unknown or doubled field an error; the default of the server (Warn) when left out. */
  readonly fieldValidation?: 'Ignore' | 'Warn' | 'Strict' | undefined
  /** Called with each warning that came with the answer, such as what Pod Security has against a pod template. */
  readonly onWarning?: ((text: string) => void) | undefined
}

export interface ApplyOptions extends WriteOptions {
  readonly fieldManager: string
  /** Takes fields over from other managers instead of failing with `kube.conflict`. */
  readonly force?: boolean | undefined
}

export interface JsonPatchOperation {
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test'
  readonly path: string
  readonly from?: string
  readonly value?: unknown
}

export type Patch =
  | { readonly type: 'merge'; readonly body: Record<string, unknown> }
  | { readonly type: 'strategic'; readonly body: Record<string, unknown> }
  | { readonly type: 'json'; readonly operations: readonly JsonPatchOperation[] }

export interface DeleteOptions extends CallOptions {
  /** Background when left out: dependants go after the owner. */
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan' | undefined
  /** Deletes only this very object (`kube.conflict` otherwise); makes the call safe to retry. */
  readonly uid?: string | undefined
  readonly resourceVersion?: string | undefined
  readonly gracePeriodSeconds?: number | undefined
  readonly dryRun?: boolean | undefined
}

/** `deleting`: the object still exists and waits for its finalizers or its grace period. */
export type DeleteOutcome = 'deleted' | 'deleting' | 'absent'

export interface RawRequest extends CallOptions {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Absolute path on the API server; build it with `apiPath`. Refused when it could climb out. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>> | undefined
  /** Sent as JSON. */
  readonly body?: unknown
  readonly contentType?: string | undefined
  readonly accept?: string | undefined
  /** Extra request headers; never authorization or impersonation. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** May be sent again after a failure; by default GET and HEAD only. */
  readonly idempotent?: boolean | undefined
  /** Largest answer read, in bytes; 32 MiB when left out. */
  readonly maxBytes?: number | undefined
}

export interface RawAnswer<T = unknown> {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: T
}

/** Bytes of a long answer as they come. Breaking off the iteration or `close` ends the request. */
export interface ByteStream extends AsyncIterable<Uint8Array> {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  close(): void
}

export interface LogOptions {
  readonly signal?: AbortSignal | undefined
  /** Deadline until the first byte of the answer's head. */
  readonly timeoutMs?: number | undefined
  readonly container?: string | undefined
  readonly follow?: boolean | undefined
  readonly previous?: boolean | undefined
  readonly timestamps?: boolean | undefined
  readonly tailLines?: number | undefined
  readonly sinceSeconds?: number | undefined
  /** RFC 3339, by the clock of the node; lines of that moment come, too. */
  readonly sinceTime?: string | undefined
  readonly limitBytes?: number | undefined
}

export interface ServerVersion {
  readonly major: string
  readonly minor: string
  /** Such as `v1.36.3`. */
  readonly gitVersion: string
}

/**
 * One cluster's API as one identity. Errors are FlotillaErrors: `kube.*` when the API server answered so,
 * `cluster.*` when it could not be asked. Every call has a deadline and takes a signal.
 */
export interface KubeClient {
  /** The cluster's name, as people know it. */
  readonly name: string
  readonly discovery: Discovery
  /** Connection pool, breaker and limits, shared by all views of the cluster. */
  readonly transport: Transport
  /** Whom the calls impersonate; undefined is the connection's own identity. */
  readonly identity: Identity | undefined
  /** A view that impersonates; refuses an empty identity and every `system:` user and group. */
  as(identity: Identity): KubeClient

  get<T extends KubeObject = KubeObject>(key: ObjectKey, options?: GetOptions): Promise<T>
  /** As `get`; undefined when the object (not its kind) does not exist. */
  find<T extends KubeObject = KubeObject>(key: ObjectKey, options?: GetOptions): Promise<T | undefined>
  list<T = KubeObject>(kind: KindRef, options?: ListOptions<T>): Promise<ObjectList<T>>
  pages<T = KubeObject>(kind: KindRef, options?: ListOptions<T>): AsyncIterable<ListPage<T>>
  /** One watch connection, which ends; `createWatch` keeps one alive for good. */
  watch<T extends KubeObject = KubeObject>(kind: KindRef, options: WatchOptions): AsyncIterable<WatchEvent<T>>

  create<T extends KubeObject = KubeObject>(object: KubeObject, options?: WriteOptions): Promise<T>
  /** Server-side apply. */
  apply<T extends KubeObject = KubeObject>(object: KubeObject, options: ApplyOptions): Promise<T>
  applyStatus<T extends KubeObject = KubeObject>(object: KubeObject, options: ApplyOptions): Promise<T>
  /** Replaces the object; with a resourceVersion in it, only that version. */
  update<T extends KubeObject = KubeObject>(object: KubeObject, options?: WriteOptions): Promise<T>
  replaceStatus<T extends KubeObject = KubeObject>(object: KubeObject, options?: WriteOptions): Promise<T>
  patch<T extends KubeObject = KubeObject>(key: ObjectKey, patch: Patch, options?: WriteOptions): Promise<T>
  delete(key: ObjectKey, options?: DeleteOptions): Promise<DeleteOutcome>
  /** Asks for a pod to go within its disruption budget; `kube.overloaded` while the budget forbids it. */
  evict(pod: { namespace: string; name: string }, options?: DeleteOptions): Promise<void>
  /** Sets `spec.replicas` through the scale subresource. */
  scale(key: ObjectKey, replicas: number, options?: WriteOptions): Promise<KubeObject>

  request<T = unknown>(request: RawRequest): Promise<RawAnswer<T>>
  /** An answer of any length, as bytes. `timeoutMs` bounds the wait for its head only. */
  stream(request: RawRequest): Promise<ByteStream>
  logs(pod: { namespace: string; name: string }, options?: LogOptions): Promise<ByteStream>

  serverVersion(options?: CallOptions): Promise<ServerVersion>
  /** Resolves when the API server says that it is ready. */
  readyz(options?: CallOptions): Promise<void>
  /** Ends every connection to the cluster, for all views. */
  close(): Promise<void>
}
