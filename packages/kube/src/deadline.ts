/** A signal that aborts with the caller's or when time is up, and says which. */
export interface Deadline {
  readonly signal: AbortSignal
  readonly timeoutMs: number
  /** True once time was up, whatever error that turned into. */
  readonly expired: boolean
  readonly remainingMs: number
  /** Time no longer counts (a stream has begun); the caller's signal still does. */
  lift(): void
  clear(): void
}

export function createDeadline(timeoutMs: number, outer: AbortSignal | undefined): Deadline {
  const controller = new AbortController()
  const endsAt = performance.now() + timeoutMs
  let expired = false
  const timer = setTimeout(() => {
    expired = true
    controller.abort(new DOMException(`not done within ${timeoutMs} ms`, 'TimeoutError'))
  }, timeoutMs)
  const abort = (): void => controller.abort(outer?.reason)
  if (outer?.aborted === true) abort()
  else outer?.addEventListener('abort', abort, { once: true })
  return {
    signal: controller.signal,
    timeoutMs,
    get expired() {
      return expired
    },
    get remainingMs() {
      return Math.max(0, endsAt - performance.now())
    },
    lift: () => clearTimeout(timer),
    clear: () => {
      clearTimeout(timer)
      outer?.removeEventListener('abort', abort)
    },
  }
}
