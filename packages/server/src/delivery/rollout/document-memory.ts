import type { DocumentStore } from '../release/frozen-documents.ts'

/** Documents never change under their digest: the last ones that were asked for are kept, as every pass needs its own. */
export class DocumentMemory<T> {
  readonly #store: Pick<DocumentStore<T>, 'get'>
  readonly #most: number
  readonly #kept = new Map<string, T>()

  constructor(store: Pick<DocumentStore<T>, 'get'>, most = 32) {
    this.#store = store
    this.#most = most
  }

  async get(digest: string): Promise<T | undefined> {
    const kept = this.#kept.get(digest)
    this.#kept.delete(digest)
    const found = kept ?? (await this.#store.get(digest))
    if (found === undefined) return undefined
    this.#kept.set(digest, found)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > this.#most && oldest !== undefined) this.#kept.delete(oldest)
    return found
  }
}
