/** What went wrong on the way, with the system's code (`ECONNREFUSED`, `ECONNRESET`), so that callers can say what it means. */
export class TunnelError extends Error {
  readonly code: string
  /** What the server answered instead of an upgrade. */
  readonly status: number | undefined
  /** Seconds, from Retry-After. */
  readonly retryAfter: number | undefined

  constructor(
    code: string,
    message: string,
    more: { cause?: unknown; status?: number | undefined; retryAfter?: number | undefined } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'TunnelError'
    this.code = code
    this.status = more.status
    this.retryAfter = more.retryAfter
  }
}

export const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : 'EIO'
