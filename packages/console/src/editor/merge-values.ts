export interface Conflict {
  readonly path: readonly (string | number)[]
  readonly mine: unknown
  readonly theirs: unknown
}

export interface Merged {
  /** Theirs and mine together; where both changed a field, mine. */
  readonly value: unknown
  readonly conflicts: readonly Conflict[]
}

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether two JSON values are the same, however their fields are ordered. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => sameValue(item, b[index]))
  }
  if (!isFields(a) || !isFields(b)) return false
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && sameValue(a[name], b[name]))
  )
}

/** A list whose items all have names of their own merges by name, as Kubernetes merges it. */
function byName(value: unknown): Map<string, Fields> | undefined {
  if (!Array.isArray(value)) return undefined
  const found = new Map<string, Fields>()
  for (const item of value) {
    if (!isFields(item) || typeof item['name'] !== 'string') return undefined
    found.set(item['name'], item)
  }
  return found.size === value.length ? found : undefined
}

/** Three-way merge of JSON values: what only one side changed is taken, what both changed differently is a conflict. */
export function mergeValues(
  base: unknown,
  mine: unknown,
  theirs: unknown,
  path: readonly (string | number)[] = [],
): Merged {
  if (sameValue(mine, theirs) || sameValue(base, theirs)) return { value: mine, conflicts: [] }
  if (sameValue(base, mine)) return { value: theirs, conflicts: [] }
  if (isFields(mine) && isFields(theirs)) {
    const { fields, conflicts } = mergeFields(isFields(base) ? base : {}, mine, theirs, path)
    return { value: fields, conflicts }
  }
  const [baseItems, myItems, theirItems] = [byName(base ?? []), byName(mine), byName(theirs)]
  if (baseItems !== undefined && myItems !== undefined && theirItems !== undefined) {
    const merged = mergeFields(
      Object.fromEntries(baseItems),
      Object.fromEntries(myItems),
      Object.fromEntries(theirItems),
      path,
    )
    return { value: Object.values(merged.fields), conflicts: merged.conflicts }
  }
  return { value: mine, conflicts: [{ path, mine, theirs }] }
}

function mergeFields(
  base: Fields,
  mine: Fields,
  theirs: Fields,
  path: readonly (string | number)[],
): { fields: Fields; conflicts: readonly Conflict[] } {
  const fields: Record<string, unknown> = {}
  const conflicts: Conflict[] = []
  for (const name of new Set([...Object.keys(mine), ...Object.keys(theirs)])) {
    const merged = mergeValues(base[name], mine[name], theirs[name], [...path, name])
    if (merged.value !== undefined) fields[name] = merged.value
    conflicts.push(...merged.conflicts)
  }
  return { fields, conflicts }
}
