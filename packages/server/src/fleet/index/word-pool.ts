import { type LabelSet, noImages, noLabels } from './slim-row.ts'

/**
 * One string, label set or list of images for all rows that have it. What no row has any more is not tracked: a pool
 * that has grown beyond `most` starts anew, which costs a copy of what is still in use and no more.
 */
export class WordPool {
  readonly #most: number
  #words = new Map<string, string>()
  #labels = new Map<string, LabelSet>()
  #lists = new Map<string, readonly string[]>()

  constructor(most = 20_000) {
    this.#most = most
  }

  word(text: string): string {
    const kept = this.#words.get(text)
    if (kept !== undefined) return kept
    if (this.#words.size >= this.#most) this.#words = new Map()
    this.#words.set(text, text)
    return text
  }

  maybe(text: string | undefined): string | undefined {
    return text === undefined ? undefined : this.word(text)
  }

  labels(given: Readonly<Record<string, string>> | undefined): LabelSet {
    if (given === undefined) return noLabels
    const names = Object.keys(given)
    if (names.length === 0) return noLabels
    const key = names
      .sort()
      .map((name) => `${name}=${given[name]}`)
      .join('\n')
    const kept = this.#labels.get(key)
    if (kept !== undefined) return kept
    if (this.#labels.size >= this.#most) this.#labels = new Map()
    const set = Object.fromEntries(names.map((name) => [this.word(name), this.word(given[name] ?? '')]))
    this.#labels.set(key, set)
    return set
  }

  list(given: readonly string[]): readonly string[] {
    if (given.length === 0) return noImages
    const key = given.join('\n')
    const kept = this.#lists.get(key)
    if (kept !== undefined) return kept
    if (this.#lists.size >= this.#most) this.#lists = new Map()
    const list = given.map((one) => this.word(one))
    this.#lists.set(key, list)
    return list
  }
}
