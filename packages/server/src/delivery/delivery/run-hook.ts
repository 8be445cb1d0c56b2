import { failpoint } from '@flotilla/engine'
import { KubeError } from '@flotilla/kube'
import {
  asFlotillaError,
  FlotillaError,
  fieldManager,
  type HookInHand,
  type KubeObject,
  labels,
  type ObjectRef,
  refText,
} from '@flotilla/model'
import { type EffectResult, hookFinalizer, hookRunAnnotation, type HookRun } from '@flotilla/reconcile'
import type { Workbench } from './deps.ts'
import { isTransport } from './dry-run-objects.ts'
import { findPodSecurityFailure, podSecurityRemedy } from './pod-security.ts'

/** Creates a hook's object, unless this very run created it before. */
export async function startHook(bench: Workbench, run: HookRun): Promise<EffectResult> {
  const { client, signal, counters } = bench
  try {
    const existing = await client.find(run.hook, { signal })
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
    const insecure = await tryHook(bench, run)
    if (insecure !== undefined) return insecure
    counters.add('hookCreations')
    await client.create(run.object, { signal, fieldManager })
    failpoint('delivery-hook-created')
    return { kind: 'done' }
  } catch (thrown) {
    signal.throwIfAborted()
    const error = asFlotillaError(thrown)
    // somebody was faster: the next look finds out who
    const exists = error instanceof KubeError && error.reason === 'AlreadyExists'
    if (exists || isTransport(error) || error.code === 'kube.conflict') throw error
    return refused('delivery.hook_failed', error.message)
  }
}

/** A Job whose pods will be refused would be waited for until its time is up. */
async function tryHook({ client, signal }: Workbench, { hook, object }: HookRun): Promise<EffectResult | undefined> {
  const warnings: string[] = []
  await client.create(object, { dryRun: true, fieldManager, signal, onWarning: (text) => warnings.push(text) })
  const failure = await findPodSecurityFailure(client, hook, warnings, signal)
  return failure === undefined ? undefined : refused('delivery.hook_failed', `${failure.message}. ${podSecurityRemedy}`)
}

const refused = (code: 'delivery.owned_by_other' | 'delivery.hook_failed', message: string): EffectResult => ({
  kind: 'refused',
  code,
  message,
})

const isOfRun = (object: KubeObject, hook: HookInHand): boolean =>
  object.metadata.annotations?.[hookRunAnnotation] === hook.key

const goneMs = 60_000
const lookMs = 250

async function deleteAndWait(bench: Workbench, object: KubeObject, ref: ObjectRef): Promise<void> {
  const { client, signal, counters, deps } = bench
  await letGo(bench, object, ref)
  counters.add('deletes')
  const { uid } = object.metadata
  await client.delete(ref, { uid, propagation: 'Background', signal })
  const until = deps.clock.elapsed() + goneMs
  for (;;) {
    const still = await client.find(ref, { signal })
    if (still === undefined || still.metadata.uid !== uid) return
    if (deps.clock.elapsed() > until) {
      throw new FlotillaError('delivery.hook_failed', { message: `${refText(ref)} of an earlier run does not go away` })
    }
    await deps.clock.sleep(lookMs, signal)
  }
}

/** Takes our finalizer off, with the version that was read: another writer's finalizers must not get lost. */
async function letGo({ client, signal }: Workbench, { metadata }: KubeObject, ref: ObjectRef): Promise<void> {
  const { finalizers = [], resourceVersion } = metadata
  if (!finalizers.includes(hookFinalizer)) return
  const body = { metadata: { resourceVersion, finalizers: finalizers.filter((name) => name !== hookFinalizer) } }
  await client.patch(ref, { type: 'merge', body }, { fieldManager, signal })
}

/** The outcome is recorded: the object is let go of, and removed where a failed hook is to be. */
export async function finishHook(bench: Workbench, hook: HookInHand, remove: boolean): Promise<EffectResult> {
  const { client, signal, counters } = bench
  const object = await client.find(hook, { signal })
  if (object !== undefined && isOfRun(object, hook)) {
    await letGo(bench, object, hook)
    failpoint('delivery-hook-let-go')
    if (remove) {
      counters.add('deletes')
      await client.delete(hook, { uid: object.metadata.uid, signal })
    }
  }
  return { kind: 'done' }
}

/** Hooks of a round that ended, with `hook-succeeded`. */
export async function removeHooks(
  bench: Workbench,
  refs: readonly ObjectRef[],
  deliveryUid: string,
): Promise<EffectResult> {
  const { client, signal, counters } = bench
  for (const ref of refs) {
    const object = await client.find(ref, { signal })
    if (object?.metadata.labels?.[labels.delivery] !== deliveryUid) continue
    await letGo(bench, object, ref)
    counters.add('deletes')
    await client.delete(ref, { uid: object.metadata.uid, signal })
    failpoint('delivery-hook-removed')
  }
  return { kind: 'done' }
}
