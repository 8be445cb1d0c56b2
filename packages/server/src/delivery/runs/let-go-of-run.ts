import type { Clock, KubeClient } from '@flotilla/kube'
import { FlotillaError, fieldManager, type KubeObject, type ObjectRef, refOf, refText } from '@flotilla/model'
import { podsOf } from './run-log.ts'

/** Takes our finalizer off, with the version that was read: another writer's finalizers must not get lost. */
export async function takeFinalizerOff(
  client: KubeClient,
  { metadata }: KubeObject,
  ref: ObjectRef,
  finalizer: string,
  signal: AbortSignal,
): Promise<void> {
  const { finalizers = [], resourceVersion } = metadata
  if (!finalizers.includes(finalizer)) return
  const body = { metadata: { resourceVersion, finalizers: finalizers.filter((name) => name !== finalizer) } }
  await client.patch(ref, { type: 'merge', body }, { fieldManager, signal })
}

const goneMs = 60_000
const lookMs = 250

/** Waits until an object that was deleted is gone. Errors: `delivery.hook_failed` when it stays. */
export async function waitUntilGone(
  client: KubeClient,
  ref: ObjectRef,
  uid: string | undefined,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const until = clock.elapsed() + goneMs
  for (;;) {
    const still = await client.find(ref, { signal })
    if (still === undefined || still.metadata.uid !== uid) return
    if (clock.elapsed() > until)
      throw new FlotillaError('delivery.hook_failed', { message: `${refText(ref)} of an earlier run does not go away` })
    await clock.sleep(lookMs, signal)
  }
}

/**
 * Ends a Job that runs: its pods go first, while our finalizer still holds the Job. When it returns nothing of it runs any more.
 * Errors: `cluster.timeout` when a pod does not end.
 */
export async function stopJob(client: KubeClient, job: KubeObject, clock: Clock, signal: AbortSignal): Promise<void> {
  await client.delete(refOf(job), { uid: job.metadata.uid, propagation: 'Foreground', signal })
  const until = clock.elapsed() + goneMs
  while ((await podsOf(client, job, signal)).length > 0) {
    if (clock.elapsed() > until)
      throw new FlotillaError('cluster.timeout', {
        message: `The pods of ${refText(refOf(job))} were asked to end and have not`,
        remedy: 'Look at their node, and at terminationGracePeriodSeconds of their template',
      })
    await clock.sleep(lookMs, signal)
  }
}
