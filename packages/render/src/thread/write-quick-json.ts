/**
 * Bounds of JSON that the main thread parses in one turn, of less than 50 ms. Long texts are read fast; what takes time
 * are many values, with keys of their own most of all.
 */
const most = { characters: 4 * 1024 * 1024, values: 25_000 } as const

/** For people: what has more than that. */
export const tooSlowToParse = `more than ${most.characters} characters or ${most.values} values`

/** A value as JSON that is quick to parse, wherever an alias brings it; undefined where it would not be. */
export function writeQuickJson(value: unknown): string | undefined {
  let left: number = most.values
  const isWithin = (part: unknown): boolean =>
    --left >= 0 && (typeof part !== 'object' || part === null || Object.values(part).every(isWithin))
  if (!isWithin(value)) return undefined
  const json = JSON.stringify(value)
  return json.length <= most.characters ? json : undefined
}
