import { createHash } from 'node:crypto'

/** JSON with sorted keys and without what is undefined: equal values give equal text, whatever order they were built in. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? 'null'
}

/** SHA-256 over the canonical JSON, in hex. */
export const contentHash = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex')

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const out: [string, unknown][] = []
  for (const key of Object.keys(value).sort()) {
    const child: unknown = Reflect.get(value, key)
    if (child !== undefined) out.push([key, sorted(child)])
  }
  // fromEntries defines own properties, so that a key called __proto__ stays a key
  return Object.fromEntries(out)
}
