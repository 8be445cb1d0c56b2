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

/** Digits in a row, not in front of a point: where there are none, nothing needs a second look. */
const manyDigits = /[:[,] ?-?\d{16}/

/** The same for JSON as text, where the digits are still there: only what would not be written again as it was read. */
export function findInexactInteger(json: string): InexactInteger | undefined {
  if (!manyDigits.test(json)) return undefined
  const exactly: unknown = JSON.parse(json, (_key: string, value: unknown, context?: { source?: string }) => {
    const source = context?.source ?? ''
    return typeof value === 'number' && /^-?\d+$/.test(source) && String(value) !== source ? BigInt(source) : value
  })
  return find(exactly, '', (value) => typeof value === 'bigint')
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
