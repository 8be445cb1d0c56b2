import { known, unknown, type Known, type KubeObject } from '@flotilla/model'
import { createWatch, type CreateWatchOptions, type WatchChange, type WatchState } from './watch.ts'

/** The objects of one kind of one cluster, held in memory and kept up to date. */
export interface WatchCache<T = KubeObject> {
  readonly state: WatchState
  /** Known only while in sync; otherwise the reason says since when the cluster was not heard. */
  get(namespace: string, name: string): Known<T | undefined>
  list(filter?: CacheFilter<T>): Known<T[]>
  /** What was last seen, in sync or not, by `namespace/name`. Show it with `state` beside it; never decide on it. */
  lastSeen(): ReadonlyMap<string, T>
  subscribe(listener: (change: WatchChange<T>) => void): () => void
  onState(listener: (state: WatchState) => void): () => void
  waitSynced(signal?: AbortSignal): Promise<void>
  /** See `Watch.acceptOlder`. */
  acceptOlder(): void
  close(): void
}

export interface CacheFilter<T> {
  readonly namespace?: string | undefined
  readonly where?: ((object: T) => boolean) | undefined
}

export function createWatchCache<T = KubeObject>(
  options: Omit<CreateWatchOptions<T>, 'onEvent' | 'onState'>,
): WatchCache<T> {
  const changeListeners = new Set<(change: WatchChange<T>) => void>()
  const stateListeners = new Set<(state: WatchState) => void>()
  const watch = createWatch<T>({
    ...options,
    onEvent: (change) => changeListeners.forEach((listener) => listener(change)),
    onState: (state) => stateListeners.forEach((listener) => listener(state)),
  })

  function whenKnown<V>(read: () => V): Known<V> {
    return watch.state.state === 'synced' ? known(read()) : unknown(stateText(watch.state))
  }

  return {
    get state() {
      return watch.state
    },
    get: (namespace, name) => whenKnown(() => watch.objects.get(namespace === '' ? name : `${namespace}/${name}`)),
    list: (filter = {}) => whenKnown(() => select(watch.objects, filter)),
    lastSeen: () => watch.objects,
    subscribe: (listener) => subscribeTo(changeListeners, listener),
    onState: (listener) => subscribeTo(stateListeners, listener),
    waitSynced: (signal) => watch.synced(signal),
    acceptOlder: () => watch.acceptOlder(),
    close: () => watch.close(),
  }
}

function select<T>(objects: ReadonlyMap<string, T>, { namespace, where }: CacheFilter<T>): T[] {
  const prefix = namespace === undefined ? '' : `${namespace}/`
  const found: T[] = []
  for (const [key, object] of objects) {
    if (key.startsWith(prefix) && (where === undefined || where(object))) found.push(object)
  }
  return found
}

function subscribeTo<L>(listeners: Set<L>, listener: L): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** A watch's state in words: `not heard since ...: reason`. */
export function stateText(state: WatchState): string {
  switch (state.state) {
    case 'synced':
      return `in sync since ${new Date(state.since).toISOString()}`
    case 'syncing':
      return state.reason === undefined ? 'not read yet' : `not read yet: ${state.reason}`
    case 'stale':
      return `not heard since ${new Date(state.since).toISOString()}: ${state.reason}`
    case 'closed':
      return 'no longer watched'
    default:
      return state satisfies never
  }
}
