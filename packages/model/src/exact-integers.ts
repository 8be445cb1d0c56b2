import { FlotillaError } from './errors.ts'

export interface InexactInteger {
  /** Such as `spec.ports[0].port`; empty for the value itself. */
  readonly path: string
  readonly digits: string
}

/**
 * The first whole number in a value that is too large to be sure of its digits: JavaScript's numbers are exact up to
 * 2^53, while Kubernetes has fields up to 2^63. What is too large for those as well (1e21) was never meant as digits.
 */
export function findUnsafeInteger(value: unknown): InexactInteger | undefined {
  return find(value, '', isUnsafeInteger)
}

/** Refuses it (`input.invalid`) instead of changing it. `field` names the value. */
export function refuseUnsafeIntegers(value: unknown, field: string): void {
  const found = findUnsafeInteger(value)
  if (found !== undefined) throw inexactInteger({ ...found, path: joined(field, found.path) })
}

export const isUnsafeInteger = (value: unknown): boolean =>
  typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 1e21

export const inexactIntegerRemedy =
  'Whole numbers are taken from -9007199254740991 to 9007199254740991; write it in quotes where a text is taken'

export function inexactInteger({ path, digits }: InexactInteger): FlotillaError {
  return new FlotillaError('input.invalid', {
    message: `${path} is a whole number that cannot be carried without changing its digits`,
    field: path,
    value: digits,
    remedy: inexactIntegerRemedy,
  })
}

/** Where there are none, nothing needs a second look. */
const manyDigits = /\d{16}/
/** Sticky, so that every number is seen whole: neither its fraction nor its exponent is a number of its own. */
const number = /-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/y
const longestPath = 100

/**
 * The same for JSON as text, where the digits are still there: only what would not be written again as it was read. One
 * pass without recursion, for texts of any size and depth.
 */
export function findInexactInteger(json: string): InexactInteger | undefined {
  if (!manyDigits.test(json)) return undefined
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at)
    if (code === quote) at = endOfText(json, at)
    else if (code === minus || isDigit(code)) {
      number.lastIndex = at
      const source = number.exec(json)?.[0] ?? ''
      if (isInexact(source)) return { path: pathOf(json, at), digits: source }
      at += Math.max(source.length, 1) - 1
    }
  }
  return undefined
}

const [quote, minus, backslash] = [0x22, 0x2d, 0x5c]
const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39

/** Not by value: 2^60 is exact as a number, and yet written with other digits. */
const isInexact = (source: string): boolean =>
  source.length >= 16 && /^-?\d+$/.test(source) && String(Number(source)) !== source

/** The place of the quote that ends a text. */
function endOfText(json: string, start: number): number {
  let at = start + 1
  while (at < json.length && json.charCodeAt(at) !== quote) at += json.charCodeAt(at) === backslash ? 2 : 1
  return at
}

/** The way to a place in JSON, of its first levels. */
function pathOf(json: string, place: number): string {
  // of every level the index in a list, or where its last text began and ended: before a value that is its key
  const levels: ({ index: number } | { from: number; to: number })[] = []
  for (let at = 0; at < place; at++) {
    const char = json[at]
    const level = levels.at(-1)
    if (char === '[') levels.push({ index: 0 })
    else if (char === '{') levels.push({ from: at, to: at })
    else if (char === ']' || char === '}') levels.pop()
    else if (char === ',' && level !== undefined && 'index' in level) level.index++
    else if (char === '"') {
      const from = at
      at = endOfText(json, at)
      if (level !== undefined && 'from' in level) Object.assign(level, { from, to: at + 1 })
    }
  }
  return levels.slice(0, longestPath).reduce((path, level) => {
    return joined(path, 'index' in level ? `[${level.index}]` : String(JSON.parse(json.slice(level.from, level.to))))
  }, '')
}

function find(value: unknown, path: string, isWanted: (value: unknown) => boolean): InexactInteger | undefined {
  if (typeof value !== 'object' || value === null) return isWanted(value) ? { path, digits: String(value) } : undefined
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) {
      const found = find(item, `${path}[${at}]`, isWanted)
      if (found !== undefined) return found
    }
    return undefined
  }
  for (const [key, item] of Object.entries(value)) {
    const found = find(item, joined(path, key), isWanted)
    if (found !== undefined) return found
  }
  return undefined
}

const joined = (path: string, key: string): string =>
  path === '' || key === '' || key.startsWith('[') ? `${path}${key}` : `${path}.${key}`
