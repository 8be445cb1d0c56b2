import { failpoint } from '@flotilla/engine'
import { KubeError } from '@flotilla/kube'
import {
  asFlotillaError,
  fieldManager,
  type HookInHand,
  isRecord,
  type KubeObject,
  labels,
  type ObjectRef,
  refText,
} from '@flotilla/model'
import {
  type EffectResult,
  hookFinalizer,
  hookRunAnnotation,
  type HookRun,
  isAwaited,
  outcomeOfRun,
} from '@flotilla/reconcile'
import type { HookBench } from './deps.ts'
import { isTransport } from './dry-run-objects.ts'
import { beginHookMigration, endHookMigration } from './hook-ledger.ts'
import { takeFinalizerOff, waitUntilGone } from '../runs/let-go-of-run.ts'
import { tryRun } from '../runs/try-run.ts'

/** Creates a hook's object, unless this very run created it before. */
export async function startHook(bench: HookBench, run: HookRun): Promise<EffectResult> {
  const { client, signal, counters } = bench
  try {
    const existing = await client.find(run.hook, { signal })
    const own = existing !== undefined && isOfRun(existing, run.hook) ? existing : undefined
    const instead = await beginHookMigration(bench, run.hook, own)
    if (instead !== undefined) return instead
    failpoint('delivery-hook-intended')
    if (existing !== undefined) {
      if (isOfRun(existing, run.hook)) return { kind: 'done' }
      const owner = existing.metadata.labels?.[labels.delivery]
      if (owner !== undefined && owner !== bench.delivery.metadata.uid) {
        return refused('delivery.owned_by_other', `${refText(run.hook)} belongs to another delivery`)
      }
      if (!run.deletePolicies.includes('before-hook-creation')) {
        return refused(
          'delivery.hook_failed',
          `${refText(run.hook)} exists already, and its delete policies do not let it go`,
        )
      }
      await deleteAndWait(bench, existing, run.hook)
      failpoint('delivery-hook-predecessor-deleted')
    }
    const insecure = await tryRun(client, run.hook, run.object, signal)
    if (insecure !== undefined) return refused('delivery.hook_failed', insecure)
    counters.add('hookCreations')
    await client.create(lasting(run), { signal, fieldManager })
    failpoint('delivery-hook-created')
    return { kind: 'done' }
  } catch (thrown) {
    signal.throwIfAborted()
    const error = asFlotillaError(thrown)
    // somebody was faster: the next look finds out who
    const exists = error instanceof KubeError && error.reason === 'AlreadyExists'
    const waits = error.code === 'kube.conflict' || error.code === 'delivery.hook_waits'
    if (exists || waits || isTransport(error)) throw error
    return refused('delivery.hook_failed', error.message)
  }
}

/** Long enough to keep what was written, also while the server begins anew. */
const leastTtlSeconds = 600

/** With the time to live of a Job its pods go, and what a migration wrote goes with them. */
export function lasting({ hook, object }: Pick<HookRun, 'hook' | 'object'>): KubeObject {
  const { spec } = object
  const ttl = isRecord(spec) ? spec['ttlSecondsAfterFinished'] : undefined
  if (hook.migration === undefined || typeof ttl !== 'number' || ttl >= leastTtlSeconds) return object
  return { ...object, spec: { ...(isRecord(spec) ? spec : {}), ttlSecondsAfterFinished: leastTtlSeconds } }
}

const refused = (code: 'delivery.owned_by_other' | 'delivery.hook_failed', message: string): EffectResult => ({
  kind: 'refused',
  code,
  message,
})

const isOfRun = (object: KubeObject, hook: HookInHand): boolean =>
  object.metadata.annotations?.[hookRunAnnotation] === hook.key

async function deleteAndWait(bench: HookBench, object: KubeObject, ref: HookInHand): Promise<void> {
  const { client, signal, counters, deps } = bench
  await takeFinalizerOff(client, object, ref, hookFinalizer, signal)
  failpoint('delivery-hook-freed')
  counters.add('deletes')
  const { uid } = object.metadata
  // what still runs of a migration is gone before the next one begins
  const propagation = ref.migration === undefined ? 'Background' : 'Foreground'
  await client.delete(ref, { uid, propagation, signal })
  await waitUntilGone(client, ref, uid, deps.clock, signal)
}

/**
 * The outcome is recorded: the object is let go of, and removed where a failed hook is to be. `keep` is given the object of a migration
 * before that, as what it wrote goes with it.
 */
export async function finishHook(
  bench: HookBench,
  hook: HookInHand,
  remove: boolean,
  keep?: (object: KubeObject) => Promise<void>,
): Promise<EffectResult> {
  const { client, signal, counters } = bench
  const object = await client.find(hook, { signal })
  const own = object !== undefined && isOfRun(object, hook)
  if (own && hook.migration !== undefined) {
    await keep?.(object)
    failpoint('delivery-hook-log-kept')
  }
  await endHookMigration(bench, hook)
  failpoint('delivery-hook-ended')
  if (own) {
    const isGivenUp = hook.outcome === 'Failed' || hook.outcome === 'Uncertain'
    const late = isGivenUp && isAwaited(object) && outcomeOfRun(object) === 'running'
    const ended = late ? await endRun(bench, object, hook) : object
    await takeFinalizerOff(client, ended, hook, hookFinalizer, signal)
    failpoint('delivery-hook-let-go')
    if (remove) {
      counters.add('deletes')
      await client.delete(hook, { uid: object.metadata.uid, signal })
    }
  }
  return { kind: 'done' }
}

/** Nobody waits for it any more, so it is not to go on behind their back: its cluster ends its pods, and what is left tells why. */
async function endRun({ client, signal }: HookBench, object: KubeObject, hook: HookInHand): Promise<KubeObject> {
  const { resourceVersion } = object.metadata
  const body = { metadata: { resourceVersion }, spec: { activeDeadlineSeconds: 1 } }
  const ended = await client.patch(hook, { type: 'merge', body }, { fieldManager, signal })
  failpoint('delivery-hook-stopped')
  return ended
}

/** Hooks of a round that ended, with `hook-succeeded`. */
export async function removeHooks(
  bench: HookBench,
  refs: readonly ObjectRef[],
  deliveryUid: string,
): Promise<EffectResult> {
  const { client, signal, counters } = bench
  for (const ref of refs) {
    const object = await client.find(ref, { signal })
    if (object?.metadata.labels?.[labels.delivery] !== deliveryUid) continue
    await takeFinalizerOff(client, object, ref, hookFinalizer, signal)
    failpoint('delivery-hook-freed')
    counters.add('deletes')
    await client.delete(ref, { uid: object.metadata.uid, signal })
    failpoint('delivery-hook-removed')
  }
  return { kind: 'done' }
}
