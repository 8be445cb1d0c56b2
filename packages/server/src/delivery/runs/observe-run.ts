import type { KubeClient } from '@flotilla/kube'
import { asFlotillaError, type KubeObject, type ObjectRef } from '@flotilla/model'
import { computeHealth, endOfPod, isAwaited, outcomeOfRun } from '@flotilla/reconcile'
import { isTransport } from '../delivery/dry-run-objects.ts'
import { logTail, podsOf, type Telling } from './run-log.ts'

/** A Job, a Pod, or what else is created once for a purpose; the annotation on it says by which run. */
export interface Run {
  readonly ref: ObjectRef
  readonly annotation: string
  readonly key: string
}

export type RunSight =
  | { readonly state: 'absent' }
  /** An object of that name that this run did not create. */
  | { readonly state: 'other' }
  | { readonly state: 'running'; readonly message: string }
  | { readonly state: 'succeeded' }
  | {
      readonly state: 'failed'
      readonly message: string
      /** Something ended it: it did not say itself that it failed, and nobody knows how far it came. */
      readonly cut: boolean
      /** Its time was up. */
      readonly expired: boolean
    }

/** What the object of a run says now. `tell` is asked only for what failed. Errors: those of a cluster that cannot be asked. */
export async function observeRun(
  client: KubeClient,
  run: Run,
  tell: () => Promise<Telling>,
  signal: AbortSignal,
): Promise<RunSight> {
  const object = await client.find(run.ref, { signal })
  if (object === undefined) return { state: 'absent' }
  if (object.metadata.annotations?.[run.annotation] !== run.key) return { state: 'other' }
  return observeObject(client, object, tell, signal)
}

export async function observeObject(
  client: KubeClient,
  object: KubeObject,
  tell: () => Promise<Telling>,
  signal: AbortSignal,
): Promise<Exclude<RunSight, { state: 'absent' | 'other' }>> {
  if (!isAwaited(object)) return { state: 'succeeded' }
  const outcome = outcomeOfRun(object)
  if (outcome === 'failed') return explainFailure(client, object, await tell(), signal)
  if (outcome === 'running' && object.metadata.deletionTimestamp !== undefined)
    return { state: 'failed', message: 'it was deleted while it ran', cut: true, expired: false }
  return outcome === 'running' ? { state: outcome, message: computeHealth(object).message } : { state: outcome }
}

/** Exit code and last lines of the pod that failed last: what a person would look for first. */
async function explainFailure(
  client: KubeClient,
  run: KubeObject,
  { clean, withLog }: Telling,
  signal: AbortSignal,
): Promise<RunSight & { state: 'failed' }> {
  const why = run.kind === 'Job' ? clean(computeHealth(run).message) : ''
  const { pod, unread } = await lastPod(client, run, signal)
  const end = endOfPod(pod)
  const said = unread ?? (pod === undefined && why !== '' ? '' : clean(end.text))
  const log = pod === undefined ? '' : await tailOf(client, pod, { clean, withLog }, signal)
  return {
    state: 'failed',
    message: [why, said, log].filter((part) => part !== '').join('\n'),
    cut: end.how === 'cut',
    expired: (end.how === 'cut' && end.expired) || why.includes('DeadlineExceeded'),
  }
}

/** A cluster that cannot be asked throws: a pod that was not seen must not pass for one that is gone. */
async function lastPod(
  client: KubeClient,
  run: KubeObject,
  signal: AbortSignal,
): Promise<{ readonly pod?: KubeObject | undefined; readonly unread?: string }> {
  try {
    const pods = await podsOf(client, run, signal)
    return { pod: pods.find((pod) => outcomeOfRun(pod) === 'failed') ?? pods[0] }
  } catch (thrown) {
    signal.throwIfAborted()
    const error = asFlotillaError(thrown)
    if (isTransport(error)) throw error
    return { unread: 'its pod could not be read' }
  }
}

async function tailOf(client: KubeClient, pod: KubeObject, telling: Telling, signal: AbortSignal): Promise<string> {
  try {
    return await logTail(client, pod, telling, signal)
  } catch {
    signal.throwIfAborted()
    return ''
  }
}
