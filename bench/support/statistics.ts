/** A number of a benchmark over its rounds. */
export interface Spread {
  readonly median: number
  readonly lowest: number
  readonly highest: number
}

/** Errors: an empty list has no middle. */
export function spreadOf(values: readonly number[]): Spread {
  return { median: percentile(values, 50), lowest: Math.min(...values), highest: Math.max(...values) }
}

/** Nearest rank: a value that was measured, never one between two. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)]
  if (value === undefined) throw new Error('there are no values')
  return value
}
