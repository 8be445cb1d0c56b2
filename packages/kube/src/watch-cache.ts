import type { Known, KubeObject } from '@flotilla/model'
import type { CreateWatchOptions, WatchChange, WatchState } from './watch.ts'

/** The objects of one kind of one cluster, held in memory and kept up to date. */
export interface WatchCache<T = KubeObject> {
  readonly state: WatchState
  /** Known only while in sync; otherwise the reason says since when the cluster was not heard. */
  get(namespace: string, name: string): Known<T | undefined>
  list(filter?: { namespace?: string; where?: (object: T) => boolean }): Known<T[]>
  /** What was last seen, in sync or not. Show it with `state` beside it; never decide on it. */
  lastSeen(): ReadonlyMap<string, T>
  subscribe(listener: (change: WatchChange<T>) => void): () => void
  onState(listener: (state: WatchState) => void): () => void
  waitSynced(signal?: AbortSignal): Promise<void>
  close(): void
}

export function createWatchCache<T = KubeObject>(
  options: Omit<CreateWatchOptions<T>, 'onEvent' | 'onState'>,
): WatchCache<T> {
  throw new Error(`not built yet: ${options.kind.kind}`)
}
