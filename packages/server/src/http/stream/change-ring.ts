import { randomBytes } from 'node:crypto'
import type { ReleaseChange } from '../releases/release-index.ts'
import type { IndexChange } from '../views/fleet-index.ts'

export interface MoveChange {
  readonly topic: 'moves'
  /** `project/name`. */
  readonly key: string
  readonly namespace: string
}
export type LiveChange = IndexChange | ReleaseChange | MoveChange
export type NumberedChange = LiveChange & { readonly seq: number }

/** The last changes in order, so that a reader that was away for a moment misses nothing. Bounded. */
export class ChangeRing {
  /** Another process numbers anew; an id of another epoch is too old by definition. */
  readonly #epoch = randomBytes(6).toString('hex')
  readonly #most: number
  #entries: NumberedChange[] = []
  #seq = 0

  constructor(most: number) {
    this.#most = most
  }

  add(change: LiveChange): NumberedChange {
    const numbered = { ...change, seq: ++this.#seq }
    this.#entries.push(numbered)
    // cut in halves, so that a push costs nothing on the average
    if (this.#entries.length > this.#most * 2) this.#entries = this.#entries.slice(-this.#most)
    return numbered
  }

  id(seq = this.#seq): string {
    return `${this.#epoch}-${seq}`
  }

  /** Changes after an id; undefined when they are not kept any more. */
  after(id: string): readonly NumberedChange[] | undefined {
    const [epoch, text = ''] = id.split('-')
    if (epoch !== this.#epoch || !/^\d{1,15}$/.test(text)) return undefined
    const seq = Number(text)
    if (seq > this.#seq) return undefined
    const kept = this.#entries.slice(-this.#most)
    const oldest = kept[0]?.seq ?? this.#seq + 1
    if (seq < oldest - 1) return undefined
    return kept.filter((change) => change.seq > seq)
  }
}
