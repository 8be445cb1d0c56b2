import { FlotillaError } from '@flotilla/model/errors'
import type { MigrationRecord } from './migration-ledger.ts'

/** Where a page ended: a time in milliseconds, and what tells apart what has the same time. */
export interface PageCursor {
  readonly at: number
  readonly ties: readonly string[]
}

export const writeCursor = ({ at, ties }: PageCursor): string =>
  Buffer.from(JSON.stringify([at, ...ties])).toString('base64url')

/** Reads where a page of runs ended. Fails with `input.invalid` on what is not that. */
export const parseRunCursor = (text: string): PageCursor => parseCursor(text, 1, /^\d{1,15}$/)

/** What is of another shape would be asked of the database, which may not take it. */
function parseCursor(text: string, parts: number, shape: RegExp): PageCursor {
  const read = readJson(Buffer.from(text, 'base64url').toString())
  const [at, ...rest] = Array.isArray(read) ? (read as unknown[]) : []
  const ties = rest.filter((part) => typeof part === 'string' && shape.test(part)).map(String)
  if (Number.isSafeInteger(at) && rest.length === parts && ties.length === parts) return { at: Number(at), ties }
  throw new FlotillaError('input.invalid', {
    message: 'This is not where a page ended',
    remedy: 'Give what the page before said, or leave it out to begin with the newest.',
    field: 'before',
  })
}

/** Where a page of migrations that ends with this one goes on. */
export const migrationCursor = ({
  startedAt,
  digest,
  scope,
}: Pick<MigrationRecord, 'startedAt' | 'digest' | 'scope'>): string =>
  writeCursor({ at: Date.parse(startedAt), ties: [digest, scope] })

/** Reads `migrationCursor`, or a time: whatever began earlier. Fails with `input.invalid` on what is neither. */
export function parseMigrationCursor(text: string): PageCursor {
  const time = /^\d{4}-/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) ? parseCursor(text, 2, /^[^\0]*$/) : { at: time, ties: ['', ''] }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
