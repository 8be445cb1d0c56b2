import { UsageError } from '../exit.ts'
import { parseDuration } from '../print/age.ts'
import type { OutputForm } from '../print/result.ts'

/** What every command of releases, plans and rollouts takes. */
export interface ReleaseOptions {
  readonly context?: string
  readonly output: OutputForm
  readonly project?: string
}

/** `--wait 5m` in milliseconds; undefined when it is not said. */
export function waitMs(wait: string | undefined): number | undefined {
  if (wait === undefined) return undefined
  const ms = parseDuration(wait)
  if (ms === undefined || ms === 0) throw new UsageError(`--wait ${wait} is no time; write 90s or 5m`)
  return ms
}

/** A number of rows, from `--limit`. */
export function limitOf(text: string, most: number): number {
  const limit = Number(text)
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > most)
    throw new UsageError(`--limit is a number from 1 to ${most}`)
  return limit
}
