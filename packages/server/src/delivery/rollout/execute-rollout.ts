import { AppliedMemory, executeObjects, failpoint } from '@flotilla/engine'
import {
  ApplicationKind,
  asFlotillaError,
  DeliveryKind,
  fieldManager,
  FlotillaError,
  group,
  type Rollout,
  type RolloutDocument,
  version,
} from '@flotilla/model'
import { deliveryOf, type RolloutEffect } from '@flotilla/reconcile'
import { inParallel } from '../delivery/in-parallel.ts'
import type { RolloutDeps } from './deps.ts'
import type { StepContext } from './steps/create-step-runners.ts'

export interface RolloutBench {
  readonly deps: RolloutDeps
  readonly rollout: Rollout
  readonly document: RolloutDocument
  readonly signal: AbortSignal
}

/** Targets and steps that are worked on side by side: each waits for its cluster most of the time. */
const atOnce = 16
/** No cluster holds up the others for longer; what took longer is tried again. */
const effectMs = 20_000

type TargetEffect = Exclude<
  RolloutEffect,
  { kind: 'AddFinalizer' | 'RemoveFinalizer' | 'StoreDocument' | 'HoldApplication' }
>

export const isOfTarget = (effect: RolloutEffect): effect is TargetEffect =>
  !['AddFinalizer', 'RemoveFinalizer', 'StoreDocument', 'HoldApplication'].includes(effect.kind)

/** Does what belongs to targets and steps, side by side. One that fails holds up no other; the first failure is thrown at the end. */
export async function executeTargets(bench: RolloutBench, effects: readonly TargetEffect[]): Promise<void> {
  const outcomes = await inParallel(effects, atOnce, async (effect) => {
    const signal = AbortSignal.any([bench.signal, AbortSignal.timeout(effectMs)])
    try {
      await executeTarget({ ...bench, signal }, effect)
      failpoint(`rollout-${effect.kind}-done`)
      return undefined
    } catch (thrown) {
      bench.signal.throwIfAborted()
      return asFlotillaError(thrown)
    }
  })
  // what somebody else wrote meanwhile is looked at anew; it says less than a failure
  const failures = outcomes.filter((error) => error !== undefined)
  const [worst] = failures.filter(({ code }) => code !== 'kube.conflict').concat(failures)
  if (worst !== undefined) throw worst
}

async function executeTarget(bench: RolloutBench, effect: TargetEffect): Promise<void> {
  const { deps, signal } = bench
  const context = contextOf(bench)
  switch (effect.kind) {
    case 'WriteDelivery':
      return writeDelivery(bench, effect)
    case 'BeginStep':
      return deps.runners.begin(effect.step, context, signal)
    case 'LetGoStep':
      return deps.runners.letGo(effect.step, context, signal)
    case 'CancelStep':
      return deps.runners.cancel(effect.step, context, signal)
    case 'ResolveStep': {
      const { outcome, by, reason } = effect
      return deps.runners.resolve(effect.step, context, { outcome, by, reason }, signal)
    }
    default:
      effect satisfies never
  }
}

export function contextOf({ rollout, document }: Pick<RolloutBench, 'rollout' | 'document'>): StepContext {
  return { rollout: document.rollout, document, namespace: rollout.metadata.namespace ?? '' }
}

async function writeDelivery(
  { deps, rollout, document, signal }: RolloutBench,
  { target, want, from, rollback }: Extract<TargetEffect, { kind: 'WriteDelivery' }>,
): Promise<void> {
  const { host } = deps.fleet
  const namespace = rollout.metadata.namespace ?? ''
  const existing = deps.state.deliveries.get(namespace, target.delivery)
  if (existing?.spec.desired?.digest !== from)
    throw new FlotillaError('kube.conflict', { message: `${target.delivery} is no longer what was decided on` })
  if (want === undefined) {
    if (existing === undefined || existing.metadata.deletionTimestamp !== undefined) return
    const key = { group, version, kind: DeliveryKind.kind, namespace, name: target.delivery }
    await host.delete(key, { uid: existing.metadata.uid, signal })
    return
  }
  const object = deliveryOf(document, target, want, existing, { rollout: rollout.metadata.name, rollback })
  const { failures } = await executeObjects({ client: host, objects: [object], memory: new AppliedMemory(), signal })
  const [failure] = failures
  if (failure !== undefined) throw failure.error
}

/** Nothing goes out by itself from now on. One that is there already stays as it is. */
export async function holdApplication(
  { deps, rollout, signal }: Pick<RolloutBench, 'deps' | 'rollout' | 'signal'>,
  reason: string,
  since: string,
): Promise<void> {
  const { namespace, name } = rollout.metadata
  const key = { group, version, kind: ApplicationKind.kind, namespace, name: rollout.spec.application }
  const application = deps.state.applications.get(namespace ?? '', rollout.spec.application)
  if (application === undefined || application.spec.hold?.rollout === name) return
  const body = {
    metadata: { resourceVersion: application.metadata.resourceVersion },
    spec: { hold: { since, reason: reason.slice(0, 1024), rollout: name } },
  }
  await deps.fleet.host.patch(key, { type: 'merge', body }, { fieldManager, signal })
  failpoint('rollout-HoldApplication-done')
}
