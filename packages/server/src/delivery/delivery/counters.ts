/** What delivering cost, since the process started. */
export interface DeliveryCounts {
  readonly dryRuns: number
  readonly applies: number
  readonly reads: number
  readonly deletes: number
  readonly inventoryWrites: number
  readonly recordWrites: number
  readonly statusWrites: number
  readonly hookCreations: number
  readonly driftChecks: number
}

export type Counted = keyof DeliveryCounts

export class Counters {
  readonly #counts: Record<Counted, number> = {
    dryRuns: 0,
    applies: 0,
    reads: 0,
    deletes: 0,
    inventoryWrites: 0,
    recordWrites: 0,
    statusWrites: 0,
    hookCreations: 0,
    driftChecks: 0,
  }

  add(what: Counted, count = 1): void {
    this.#counts[what] += count
  }

  read(): DeliveryCounts {
    return { ...this.#counts }
  }
}
