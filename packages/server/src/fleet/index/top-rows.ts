import type { Ordering, PlacedRow, RowOrder, Value } from './row-order.ts'
import type { SlimRow } from './slim-row.ts'

/** The first `most` of all rows that are offered, in an order: a heap whose root is the last of them. */
export class TopRows {
  readonly #heap: PlacedRow[] = []
  readonly #most: number
  readonly #ordering: Ordering
  readonly #compare: RowOrder
  /** What the root is sorted by, once the heap is full. */
  #worst: Value | undefined

  constructor(most: number, ordering: Ordering) {
    this.#most = most
    this.#ordering = ordering
    this.#compare = ordering.compare
  }

  offer(row: SlimRow, cluster: string): void {
    if (this.#worst !== undefined && this.#ordering.isBehind(row, cluster, this.#worst)) return
    const heap = this.#heap
    const placed = { cluster, row }
    if (heap.length < this.#most) {
      heap.push(placed)
      this.#up(heap.length - 1)
    } else {
      const [last] = heap
      if (last === undefined || this.#compare(placed, last) >= 0) return
      heap[0] = placed
      this.#down()
    }
    const [last] = heap
    if (heap.length === this.#most && last !== undefined) this.#worst = this.#ordering.value(last.row, last.cluster)
  }

  sorted(): PlacedRow[] {
    return this.#heap.toSorted(this.#compare)
  }

  #up(from: number): void {
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#isAfter(at, parent)) return
      this.#swap(at, parent)
      at = parent
    }
  }

  #down(): void {
    let at = 0
    for (;;) {
      let greatest = at
      for (const child of [at * 2 + 1, at * 2 + 2]) if (this.#isAfter(child, greatest)) greatest = child
      if (greatest === at) return
      this.#swap(at, greatest)
      at = greatest
    }
  }

  #isAfter(a: number, b: number): boolean {
    const x = this.#heap[a]
    const y = this.#heap[b]
    return x !== undefined && y !== undefined && this.#compare(x, y) > 0
  }

  #swap(a: number, b: number): void {
    const x = this.#heap[a]
    const y = this.#heap[b]
    if (x === undefined || y === undefined) return
    this.#heap[a] = y
    this.#heap[b] = x
  }
}
