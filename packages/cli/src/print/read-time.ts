import { UsageError } from '../exit.ts'
import { parseDuration } from './age.ts'

/** `90s`, `2h` or `30d` ago, or a time, as RFC 3339. `option` is named where it is none. */
export function readTime(now: number, option: string, text: string): string {
  const days = /^(\d{1,4})d$/.exec(text)?.[1]
  const ago = days === undefined ? parseDuration(text) : Number(days) * 86_400_000
  const time = ago === undefined ? Date.parse(text) : now - ago
  if (Number.isNaN(time))
    throw new UsageError(`${option} ${text} is no time; write 90s, 15m, 2h, 30d or 2026-01-31T08:00:00Z`)
  return new Date(time).toISOString()
}
