export interface Sharer {
  readonly key: string
  /** What it is to have; without it, an equal part of what the explicit ones leave. */
  readonly explicit?: bigint | undefined
  /** What it has, or may have at most as far as anybody knows. */
  readonly held?: bigint | undefined
}

export interface ShareQuestion {
  readonly total: bigint
  /** Nothing smaller is given. */
  readonly unit: bigint
  readonly sharers: readonly Sharer[]
  /** Held by who shares no longer, and has not let go yet. */
  readonly leaving: bigint
  /** Who never had a share, and gets none now, is held to nothing rather than left free. */
  readonly bound: boolean
}

export interface Shares {
  /** By key; who is not in it is not limited. */
  readonly shares: ReadonlyMap<string, bigint>
  /** What the explicit ones ask for together, where that is more than there is: then everybody keeps what they have. */
  readonly asked?: bigint
}

/**
 * Divides an amount. What somebody is to have less of is taken at once; what somebody is to have more of is given only from
 * what nobody holds any more. So all that is held never exceeds the total, in whatever order it is carried out, and a
 * cluster that cannot be reached keeps what it holds without holding up the others. The order of the sharers does not matter.
 */
export function splitShare({ total, unit, sharers, leaving, bound }: ShareQuestion): Shares {
  const sorted = [...sharers].sort((a, b) => (a.key < b.key ? -1 : 1))
  const asked = sum(sorted.map(({ explicit = 0n }) => explicit))
  const held = sum(sorted.map((sharer) => sharer.held ?? 0n)) + leaving
  if (asked > total) {
    const limited = bound || held > 0n
    const kept = sorted.flatMap((one): [string, bigint][] =>
      one.held === undefined && !limited ? [] : [[one.key, one.held ?? 0n]],
    )
    return { shares: new Map(kept), asked }
  }
  const others = sorted.filter(({ explicit }) => explicit === undefined).map(({ key }) => key)
  const parts = equalParts(total - asked, unit, others)
  let free = total - held
  const shares = new Map<string, bigint>()
  for (const sharer of sorted) {
    const wanted = sharer.explicit ?? parts.get(sharer.key) ?? 0n
    const has = sharer.held ?? 0n
    const more = wanted > has && free > 0n ? least(wanted - has, (free / unit) * unit) : 0n
    free -= more
    shares.set(sharer.key, least(has, wanted) + more)
  }
  return { shares }
}

/** Whole units; what cannot be divided goes to the first ones, a unit each. */
function equalParts(amount: bigint, unit: bigint, keys: readonly string[]): Map<string, bigint> {
  if (keys.length === 0) return new Map()
  const units = amount / unit
  const count = BigInt(keys.length)
  return new Map(keys.map((key, index) => [key, (units / count + (BigInt(index) < units % count ? 1n : 0n)) * unit]))
}

export const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n)
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b)
