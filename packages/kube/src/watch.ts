import type { KubeObject } from '@flotilla/model'
import type { Clock } from './clock.ts'
import type { KubeClient } from './kube-client.ts'
import type { KindRef } from './kind-ref.ts'
import { WatchLoop } from './watch-loop.ts'

/** `since` is in milliseconds since the epoch; for `stale` it is when the cluster was last heard. */
export type WatchState =
  | { readonly state: 'syncing'; readonly since: number; readonly reason?: string }
  | { readonly state: 'synced'; readonly since: number }
  | { readonly state: 'stale'; readonly since: number; readonly reason: string }
  | { readonly state: 'closed' }

/** One change. `key` is `namespace/name`, or `name` for a cluster-scoped object. */
export type WatchChange<T> =
  | { readonly type: 'added'; readonly key: string; readonly object: T }
  /** Also an object that was deleted and made again while nobody could see: compare the uid where it matters. */
  | { readonly type: 'modified'; readonly key: string; readonly object: T; readonly previous: T }
  /** `object` is what was last seen of it. */
  | { readonly type: 'deleted'; readonly key: string; readonly object: T }

export interface CreateWatchOptions<T = KubeObject> {
  readonly client: KubeClient
  readonly kind: KindRef
  /** All namespaces when left out. */
  readonly namespace?: string | undefined
  readonly labelSelector?: string | undefined
  readonly fieldSelector?: string | undefined
  /** What to keep of an object; managedFields are gone already. Must keep nothing of the object that it does not need. */
  readonly project?: ((object: KubeObject) => T) | undefined
  /** Called in order for every change; must not throw and should be quick. */
  readonly onEvent?: ((change: WatchChange<T>) => void) | undefined
  readonly onState?: ((state: WatchState) => void) | undefined
  readonly signal?: AbortSignal | undefined
  readonly clock?: Clock | undefined
  readonly pageSize?: number | undefined
  /**
   * A stream that says nothing for this long, bookmarks included, is opened again after a look at the server; 150 s when
   * left out. That a whole cluster fell silent is found sooner, by the client's heartbeat.
   */
  readonly silentAfterMs?: number | undefined
  /** Longest wait before the next attempt after a failure; 10 s when left out. */
  readonly maxBackoffMs?: number | undefined
}

/** A list that keeps itself up to date for good: lists in pages, watches, resumes, lists again when it must. */
export interface Watch<T = KubeObject> {
  readonly kind: KindRef
  readonly state: WatchState
  readonly objects: ReadonlyMap<string, T>
  /** Resolves at the first `synced`; rejects when closed or aborted before. */
  synced(signal?: AbortSignal): Promise<void>
  /** Changes from now on; those of one object that was not read yet are merged, so the queue is bounded by the objects. */
  changes(signal?: AbortSignal): AsyncIterable<WatchChange<T>>
  /**
   * The API server came back with older data than was seen, which is held off as stale. An operator who
   * knows that the cluster was restored from a backup accepts it with this; a full list follows.
   */
  acceptOlder(): void
  /** Drops an object from memory, as if it were deleted, until it changes or is listed again. */
  forget(key: string): void
  close(): void
}

/** Starts at once and lives until `close` or the signal. Failures never end it: they show as state. */
export function createWatch<T = KubeObject>(options: CreateWatchOptions<T>): Watch<T> {
  const loop = new WatchLoop<T>(options)
  return {
    kind: options.kind,
    get state() {
      return loop.state
    },
    objects: loop.store.objects,
    synced: (signal) => loop.synced(signal),
    changes: (signal) => loop.queues.read(signal),
    acceptOlder: () => loop.acceptOlder(),
    forget: (key) => loop.store.remove(key),
    close: () => loop.close(),
  }
}
