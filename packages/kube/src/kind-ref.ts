import type { KubeObject } from '@flotilla/model'

/** A kind of a cluster. Without a version, the one that the cluster prefers. The core group is the empty string. */
export interface KindRef {
  readonly group: string
  readonly kind: string
  readonly version?: string | undefined
}

/** One object of a kind. `namespace` is empty or left out for a cluster-scoped object. An `ObjectRef` fits. */
export interface ObjectKey extends KindRef {
  readonly namespace?: string | undefined
  readonly name: string
}

/** What the cluster's discovery says of a kind. */
export interface ResolvedKind {
  readonly group: string
  readonly version: string
  readonly kind: string
  /** Plural name, as in paths. */
  readonly resource: string
  readonly namespaced: boolean
  readonly verbs: readonly string[]
  readonly subresources: readonly string[]
  readonly hasScale: boolean
  readonly hasStatus: boolean
}

/** A page of a list. `restart` means that the pages before this one no longer count: the server lost its place. */
export interface ListPage<T = KubeObject> {
  readonly items: readonly T[]
  readonly resourceVersion: string
  readonly restart: boolean
  /** Items that follow, where the server says so. */
  readonly remaining: number | undefined
}

export interface ObjectList<T = KubeObject> {
  readonly items: T[]
  readonly resourceVersion: string
}

export type WatchEvent<T = KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string }
