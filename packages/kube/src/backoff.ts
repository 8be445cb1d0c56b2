/**
 * How long to wait before attempt `attempt` (0 for the first repeat), in milliseconds: anything between 0 and
 * `baseMs * 2^attempt`, at most `maxMs` ("full jitter"), so that many who failed together do not come back together.
 */
export function backoff(attempt: number, options: { baseMs: number; maxMs: number; random: () => number }): number {
  const ceiling = Math.min(options.maxMs, options.baseMs * 2 ** Math.min(attempt, 30))
  return Math.floor(options.random() * ceiling)
}

/** As `backoff`, but never below half of the ceiling, where returning at once would be a burden. */
export function steadyBackoff(
  attempt: number,
  options: { baseMs: number; maxMs: number; random: () => number },
): number {
  const ceiling = Math.min(options.maxMs, options.baseMs * 2 ** Math.min(attempt, 30))
  return Math.floor(ceiling / 2 + (options.random() * ceiling) / 2)
}

/** Seconds of a Retry-After header, as a number or as a date; undefined when it says nothing useful. At most an hour. */
export function parseRetryAfter(header: string | string[] | undefined, now: number): number | undefined {
  const text = Array.isArray(header) ? header[0] : header
  if (text === undefined) return undefined
  const seconds = /^\d{1,9}$/.test(text.trim()) ? Number(text) : (Date.parse(text) - now) / 1000
  if (!Number.isFinite(seconds)) return undefined
  return Math.min(3600, Math.max(0, Math.ceil(seconds)))
}
