/** Reads of what another program wrote: a field that is missing or of another type reads as undefined. */
export function readField(value: unknown, ...path: readonly string[]): unknown {
  let at = value
  for (const step of path) {
    if (typeof at !== 'object' || at === null || Array.isArray(at) || !Object.hasOwn(at, step)) return undefined
    at = Reflect.get(at, step)
  }
  return at
}

export function readNumber(value: unknown, ...path: readonly string[]): number | undefined {
  const found = readField(value, ...path)
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined
}

export function readText(value: unknown, ...path: readonly string[]): string | undefined {
  const found = readField(value, ...path)
  return typeof found === 'string' && found !== '' ? found : undefined
}

export function readList(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = readField(value, ...path)
  return Array.isArray(found) ? found : []
}

const longestQuote = 300

/** A sentence of another program, on one line and bounded; control characters become spaces. */
export function quote(text: string | undefined): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it takes out
  const flat = (text ?? '').replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim()
  return flat.length <= longestQuote ? flat : `${flat.slice(0, longestQuote)}…`
}
