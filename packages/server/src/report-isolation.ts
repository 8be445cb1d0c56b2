import type { Log } from '@flotilla/engine'
import { asFlotillaError } from '@flotilla/model'
import type { Renderer } from '@flotilla/render'

/**
 * Says at the start what the operator would otherwise never learn: that templates run closer to the server than meant.
 * A worker may take long to answer: the signal ends the wait, and then nothing is said.
 */
export async function reportIsolation(
  renderer: Pick<Renderer, 'describeWorker'>,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const ended = Promise.withResolvers<undefined>()
  signal.addEventListener('abort', () => ended.resolve(undefined), { once: true })
  if (signal.aborted) return
  try {
    const worker = await Promise.race([renderer.describeWorker(), ended.promise])
    if (worker === undefined) return
    const missing = Object.entries(worker.isolation).flatMap(([of, granted]) => (granted ? [] : [of]))
    if (missing.length === 0) return
    log.warn('the Helm worker is not isolated', {
      reason: `The kernel refuses it namespaces of its own: charts are rendered with the server's ${missing.join(' and ')}`,
      remedy:
        'Allow user namespaces where the server runs (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0), then start it again',
    })
  } catch (thrown) {
    const { code, message, remedy } = asFlotillaError(thrown)
    log.warn('the Helm worker does not answer', { code, reason: message, remedy })
  }
}
