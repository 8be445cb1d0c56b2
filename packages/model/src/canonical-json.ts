/**
 * JSON with sorted keys and without `undefined`: equal values give equal text, whatever order their fields were
 * written in.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, child: unknown) => (isRecord(child) ? sorted(child) : child)) ?? 'null'
}

export const sameJson = (a: unknown, b: unknown): boolean => a === b || canonicalJson(a) === canonicalJson(b)

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function sorted(record: Record<string, unknown>): Record<string, unknown> {
  // fromEntries defines its keys, so that `__proto__` stays a key like any other
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
}
