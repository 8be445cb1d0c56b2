import { formatQuantity, nanosOf } from '@flotilla/model'

/** Amounts of resources in nanounits. */
export type Amounts = ReadonlyMap<string, bigint>

export function amountsOf(said: Readonly<Record<string, string>> | undefined): Amounts {
  return new Map(
    Object.entries(said ?? {}).flatMap(([name, text]) => {
      const nanos = nanosOf(text)
      return nanos === undefined ? [] : [[name, nanos] as const]
    }),
  )
}

/** As they are written, by name, in one order. */
export function writeAmounts(amounts: Amounts): Record<string, string> {
  return Object.fromEntries(
    [...amounts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, nanos]) => [name, formatQuantity(name, nanos)]),
  )
}

/** Of each resource the greater amount. */
export function greaterOf(a: Amounts, b: Amounts): Amounts {
  const all = new Map(a)
  for (const [name, nanos] of b) if (nanos > (all.get(name) ?? -1n)) all.set(name, nanos)
  return all
}
