import type { FlotillaError } from '@flotilla/model/errors'

/** What the process ends with; documented in the help. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, notHealthy: 3, auth: 4, interrupted: 130 } as const

/** The command was called in a way that makes no sense. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Everything worked and the answer is no: not healthy, not in time, not equal. */
export class NotAsWanted extends Error {
  override readonly name = 'NotAsWanted'
}

export function exitCodeOf(error: FlotillaError): number {
  return error.code.startsWith('auth.') || error.code === 'kube.forbidden' ? exitCodes.auth : exitCodes.failed
}
