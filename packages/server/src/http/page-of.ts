import { FlotillaError } from '@flotilla/model'

export interface Page<T> {
  readonly items: T[]
  readonly total: number
  readonly continue?: string
}

/**
 * One page of rows that are filtered and sorted already. It goes on after the last row's own key, not after a count, so
 * that rows which come or go in between shift nothing.
 */
export function pageOf<T>(
  rows: readonly T[],
  options: {
    readonly key: (row: T) => string
    readonly compare: (a: T, b: T) => number
    readonly limit: number
    readonly continue: string | undefined
  },
): Page<T> {
  const { key, compare, limit } = options
  const order = (a: T, b: T): number => compare(a, b) || compareText(key(a), key(b))
  const sorted = [...rows].sort(order)
  let start = 0
  if (options.continue !== undefined) {
    const { at, after } = readToken(options.continue)
    const found = sorted.findIndex((row) => key(row) === after)
    // the row itself is gone: go on at its place
    start = found >= 0 ? found + 1 : Math.min(at, sorted.length)
  }
  const items = sorted.slice(start, start + limit)
  const last = items.at(-1)
  if (last === undefined || start + limit >= sorted.length) return { items, total: sorted.length }
  return { items, total: sorted.length, continue: writeToken(start + limit, key(last)) }
}

export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function writeToken(at: number, after: string): string {
  return Buffer.from(`${at}:${after}`).toString('base64url')
}

function readToken(token: string): { at: number; after: string } {
  const text = Buffer.from(token, 'base64url').toString()
  const colon = text.indexOf(':')
  const at = Number(text.slice(0, colon))
  if (colon < 1 || !Number.isSafeInteger(at) || at < 0)
    throw new FlotillaError('input.invalid', {
      message: 'continue is not what a list gave out',
      field: 'continue',
      remedy: 'Ask for the first page again',
    })
  return { at, after: text.slice(colon + 1) }
}
