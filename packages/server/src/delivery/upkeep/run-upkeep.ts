import type { Log } from '@flotilla/engine'
import type { Clock } from '@flotilla/kube'
import { asFlotillaError } from '@flotilla/model'
import { pruneReleases, type PruneReleasesDeps } from './prune-releases.ts'
import { type PruneDeps, type PruneMemory, pruneStore } from './prune-store.ts'

/** What runs is remembered by then, so that the first pass knows what is in use. */
const firstMs = 15 * 60_000
const everyMs = 3_600_000
const pauseMs = 200

/** Keeps the store from growing without end. Ends with the signal. */
export async function runUpkeep(
  deps: Omit<PruneDeps, 'now' | 'pauseMs'> &
    Omit<PruneReleasesDeps, 'now'> & { readonly clock: Clock; readonly log: Log },
): Promise<void> {
  const { clock, log, signal } = deps
  const memory: PruneMemory = { ownerless: new Map() }
  try {
    await clock.sleep(firstMs, signal)
    for (;;) {
      try {
        const now = (): number => clock.now()
        const releases = await pruneReleases({ ...deps, now })
        const pruned = await pruneStore({ ...deps, now, pauseMs }, memory)
        log.info('store pruned', { ...pruned, releases })
      } catch (thrown) {
        signal.throwIfAborted()
        log.warn('store not pruned', { reason: asFlotillaError(thrown).message })
      }
      await clock.sleep(everyMs * (0.9 + 0.2 * clock.random()), signal)
    }
  } catch (thrown) {
    if (!signal.aborted) throw thrown
  }
}
