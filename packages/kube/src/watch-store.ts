import type { KubeObject } from '@flotilla/model'
import { isOlder } from './resource-version.ts'
import type { WatchChange } from './watch.ts'

/** `namespace/name`, or `name` for a cluster-scoped object. */
export function watchKey(object: KubeObject): string {
  const { namespace, name } = object.metadata
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`
}

export interface StoredItem<T> {
  readonly key: string
  readonly version: string
  readonly object: T
}

/** The objects of a watch and the version each was seen at. Turns what is seen into changes, each once. */
export class WatchStore<T> {
  readonly objects = new Map<string, T>()
  readonly #versions = new Map<string, string>()
  readonly #emit: (change: WatchChange<T>) => void

  constructor(emit: (change: WatchChange<T>) => void) {
    this.#emit = emit
  }

  /** What was seen already, or something newer than it, changes nothing. */
  put({ key, version, object }: StoredItem<T>): void {
    const seen = this.#versions.get(key)
    if (seen !== undefined && (seen === version || isOlder(version, seen))) return
    const previous = this.objects.get(key)
    const isNew = !this.objects.has(key)
    this.objects.set(key, object)
    this.#versions.set(key, version)
    if (isNew) this.#emit({ type: 'added', key, object })
    else this.#emit({ type: 'modified', key, object, previous: previous as T })
  }

  remove(key: string): void {
    if (!this.objects.has(key)) return
    const object = this.objects.get(key) as T
    this.objects.delete(key)
    this.#versions.delete(key)
    this.#emit({ type: 'deleted', key, object })
  }

  /** Removes what a complete list no longer has. */
  keepOnly(keys: ReadonlySet<string>): void {
    // A Map may lose keys while it is walked.
    for (const key of this.objects.keys()) if (!keys.has(key)) this.remove(key)
  }

  /** From now on any version counts, older ones too. */
  forgetVersions(): void {
    this.#versions.clear()
  }
}
