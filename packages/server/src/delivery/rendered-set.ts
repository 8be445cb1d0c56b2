import type { KubeObject } from '@flotilla/model'
import type { HelmHookRecord } from '@flotilla/render'

/** One hook of a component, as Helm describes it (helm.sh/hook annotations). */
export interface SetHook {
  readonly name: string
  readonly object: KubeObject
  /** Such as `pre-install`, `post-upgrade`, `test`. */
  readonly events: readonly string[]
  readonly weight: number
  /** Such as `before-hook-creation`, `hook-succeeded`, `hook-failed`. */
  readonly deletePolicies: readonly string[]
}

/**
 * What is to be in a target for one component: exactly these bytes are stored by digest and applied. Written by the
 * application side, read by the delivery side; it may hold Secrets, so it is only ever stored encrypted.
 */
export interface StoredSet {
  readonly component: string
  /** Custom resource definitions, applied first and awaited. */
  readonly crds: readonly KubeObject[]
  /** In the order in which they are applied; every namespaced object names its namespace. */
  readonly objects: readonly KubeObject[]
  readonly hooks: readonly SetHook[]
  readonly notes: string
  /** Texts that came from Secrets: a cluster that refuses an object quotes them. No part of the digest. */
  readonly secrets?: readonly string[] | undefined
  /** What a Helm release record needs; absent for kustomize and manifests. */
  readonly helm?: {
    readonly releaseName: string
    readonly chartDigest: string
    readonly values: Readonly<Record<string, unknown>>
    readonly manifest: string
    /** The hooks as a release record has them. */
    readonly hooks: readonly HelmHookRecord[]
  }
}

export interface StoredSets {
  /** Stores a set and returns its keyed digest. The same content gives the same digest. */
  put(set: StoredSet): Promise<string>
  /** Undefined when the blob is gone: the caller asks for a new render, it never takes it for an empty set. */
  get(digest: string): Promise<StoredSet | undefined>
  /** As `get`, with the size of the set as JSON, in bytes. */
  load(digest: string): Promise<{ readonly set: StoredSet; readonly bytes: number } | undefined>
}
