import { isRecord } from '@flotilla/model'

/** What is deeper is taken whole; nothing that deep is shown. */
const deepest = 64

/** Of a value only what a patch speaks of, so that the two can be compared: a patch says nothing of what it leaves as it is. */
export function restrictTo(value: unknown, patch: unknown, depth = 0): unknown {
  if (depth > deepest) return value
  if (isRecord(value) && isRecord(patch))
    return Object.fromEntries(
      Object.keys(patch)
        .filter((key) => Object.hasOwn(value, key))
        .map((key) => [key, restrictTo(value[key], patch[key], depth + 1)]),
    )
  if (Array.isArray(value) && Array.isArray(patch)) {
    const named = byName(value)
    const wanted = byName(patch)
    // lists of named things are merged by their names, others are replaced
    if (named === undefined || wanted === undefined) return value
    return [...wanted].flatMap(([name, item]) =>
      named.has(name) ? [restrictTo(named.get(name), item, depth + 1)] : [],
    )
  }
  return value
}

function byName(list: readonly unknown[]): Map<string, unknown> | undefined {
  const pairs = list.map((item) => [isRecord(item) ? item['name'] : undefined, item] as const)
  if (!pairs.every((pair): pair is readonly [string, unknown] => typeof pair[0] === 'string')) return undefined
  return new Map(pairs)
}
