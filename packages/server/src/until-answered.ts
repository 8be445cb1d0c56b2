import type { Log } from '@flotilla/engine'
import type { Clock } from '@flotilla/kube'
import { asFlotillaError } from '@flotilla/model'

const againMs = 3_000

/** Who is starting, or away for a moment, is waited for until the signal; who refuses is a matter for the operator. */
export async function untilAnswered<T>(
  waiting: { readonly what: string; readonly clock: Clock; readonly log: Log; readonly signal: AbortSignal },
  work: () => Promise<T>,
): Promise<T> {
  const { what, clock, log, signal } = waiting
  for (;;) {
    try {
      return await work()
    } catch (thrown) {
      signal.throwIfAborted()
      const error = asFlotillaError(thrown)
      if (error.next !== 'retry' || error.code === 'cluster.unauthorized' || error.code === 'internal') throw error
      log.warn(`waiting for ${what}`, { code: error.code, reason: error.message })
    }
    await clock.sleep(againMs * (0.5 + clock.random()), signal)
  }
}
