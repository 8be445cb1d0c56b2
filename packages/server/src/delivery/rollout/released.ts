/** Keys of steps that were let go of since the process began; the oldest are forgotten, and are let go of once more then. */
export class Released {
  readonly #most: number
  readonly #keys = new Set<string>()

  constructor(most = 20_000) {
    this.#most = most
  }

  add(key: string): void {
    this.#keys.add(key)
    const [oldest] = this.#keys
    if (this.#keys.size > this.#most && oldest !== undefined) this.#keys.delete(oldest)
  }

  get keys(): ReadonlySet<string> {
    return this.#keys
  }
}
