/**
 * Whether version `a` is older than `b`. Versions are opaque to most, but the API server hands out etcd's growing
 * numbers, and only those are compared; for anything else the answer is no.
 */
export function isOlder(a: string, b: string): boolean {
  return compareVersions(a, b) === -1
}

/** -1, 0 or 1; undefined when the two cannot be compared. */
export function compareVersions(a: string, b: string): -1 | 0 | 1 | undefined {
  if (!isNumeric(a) || !isNumeric(b)) return undefined
  if (a === b) return 0
  // Beyond 2^53 numbers lose digits; without leading zeros the longer is the greater.
  if (a.length !== b.length) return a.length < b.length ? -1 : 1
  return a < b ? -1 : 1
}

const isNumeric = (version: string): boolean => /^[1-9]\d*$/.test(version)

/** The later of two versions; `b` where they cannot be compared. */
export function laterVersion(a: string, b: string): string {
  return compareVersions(a, b) === 1 ? a : b
}
