/** The forms of JSONPath that printer columns use: `.a.b`, `.a[?(@.type=='Ready')].b`. */
export function readJsonPath(object: unknown, path: string): string | undefined {
  let value: unknown = object
  for (const step of path.matchAll(/\.([A-Za-z0-9_-]+)|\[\?\(@\.([A-Za-z]+)==['"]([^'"]*)['"]\)\]|\[(\d+)\]/g)) {
    const [, field, key, wanted, at] = step
    if (field !== undefined) value = fieldOf(value, field)
    else if (!Array.isArray(value)) return undefined
    else if (at !== undefined) value = value[Number(at)]
    else value = value.find((item) => key !== undefined && fieldOf(item, key) === wanted)
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, field)
    ? Reflect.get(value, field)
    : undefined
}
