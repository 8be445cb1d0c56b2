import { setTimeout as wait } from 'node:timers/promises'
import type { Clock } from '@flotilla/kube'
import type { RecordingStore } from '../../store/recording-store.ts'

/** A recording is kept so long, and all of them together have so many bytes. */
export const recordingRetention = { days: 90, bytes: 4 * 1024 ** 3 } as const

const dayMs = 24 * 3_600_000
const pauseMs = 200
const mostSteps = 1_000

/** Removes what is older, then the oldest beyond the bytes. Gives how many went. */
export async function pruneRecordings(
  store: Pick<RecordingStore, 'prune'>,
  clock: Pick<Clock, 'now'>,
  signal: AbortSignal,
  kept: { readonly days: number; readonly bytes: number } = recordingRetention,
): Promise<number> {
  let gone = 0
  for (let step = 0; step < mostSteps; step++) {
    signal.throwIfAborted()
    const before = new Date(clock.now() - kept.days * dayMs).toISOString()
    const some = await store.prune({ before, mostBytes: kept.bytes })
    gone += some
    if (some === 0) break
    await wait(pauseMs, undefined, { signal })
  }
  return gone
}
