import { AppliedMemory, executeObjects, failpoint } from '@flotilla/engine'
import {
  ApplicationKind,
  asFlotillaError,
  DeliveryKind,
  fieldManager,
  FlotillaError,
  group,
  isRecord,
  type Rollout,
  type RolloutDocument,
  targetKey,
  version,
} from '@flotilla/model'
import { deliveryOf, type RolloutEffect, type StepInHand } from '@flotilla/reconcile'
import { inParallel } from '../delivery/in-parallel.ts'
import type { RolloutDeps } from './deps.ts'
import type { Released } from './released.ts'
import type { StepContext } from './steps/step-runner.ts'

export interface RolloutBench {
  readonly deps: RolloutDeps
  readonly rollout: Rollout
  readonly document: RolloutDocument
  /** Keys of steps that were let go of. */
  readonly released: Released
  readonly signal: AbortSignal
}

/** Targets and steps that are worked on side by side: each waits for its cluster most of the time. */
const atOnce = 16
/** No cluster holds up the others for longer; what took longer is tried again. */
const effectMs = 20_000

const hostKinds = ['AddFinalizer', 'RemoveFinalizer', 'StoreDocument', 'HoldApplication'] as const
export type HostEffect = Extract<RolloutEffect, { kind: (typeof hostKinds)[number] }>
type TargetEffect = Exclude<RolloutEffect, HostEffect>

export const isOfHost = (effect: RolloutEffect): effect is HostEffect => hostKinds.some((kind) => kind === effect.kind)
export const isOfTarget = (effect: RolloutEffect): effect is TargetEffect => !isOfHost(effect)

/** Does what belongs to targets and steps, side by side. One that fails holds up no other; the first failure is thrown at the end. */
export async function executeTargets(bench: RolloutBench, effects: readonly TargetEffect[]): Promise<void> {
  // what a person said of a step is in the ledger before the step is let go of
  const answers = effects.filter(({ kind }) => kind === 'ResolveStep')
  await executeSideBySide(bench, answers)
  await executeSideBySide(
    bench,
    effects.filter(({ kind }) => kind !== 'ResolveStep'),
  )
}

async function executeSideBySide(bench: RolloutBench, effects: readonly TargetEffect[]): Promise<void> {
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
  const context = contextOf(bench, 'step' in effect ? effect.step : undefined)
  switch (effect.kind) {
    case 'WriteDelivery':
      return writeDelivery(bench, effect)
    case 'BeginStep':
      return deps.runners.begin(effect.step, context, signal)
    case 'LetGoStep':
      await deps.runners.letGo(effect.step, context, signal)
      bench.released.add(effect.step.key)
      return
    case 'CancelStep':
      return deps.runners.cancel(effect.step, context, signal)
    case 'ResolveStep': {
      const { outcome, by, reason } = effect
      const heard = await deps.runners.resolve(effect.step, context, { outcome, by, reason }, signal)
      if (!heard) deps.log.warn('step known to have ended otherwise', { step: effect.step.key, outcome })
      return
    }
    default:
      effect satisfies never
  }
}

/** What a runner knows of the run, with what was measured of this step so far. */
export function contextOf(
  { rollout, document }: Pick<RolloutBench, 'rollout' | 'document'>,
  step: StepInHand | undefined,
): StepContext {
  const { status } = rollout
  const target = step?.ref.target
  const holder =
    target === undefined
      ? status?.stages?.find(({ name }) => name === step?.ref.stage)
      : status?.targets?.find((one) => targetKey(one) === targetKey(target))
  const evidence = holder?.steps?.find(({ name }) => name === step?.ref.step)?.evidence
  const { release, application, project, action } = document
  return {
    rollout: document.rollout,
    release,
    application,
    project,
    action,
    ...(evidence === undefined ? {} : { evidence }),
  }
}

async function writeDelivery(
  { deps, rollout, document, signal }: RolloutBench,
  { target, want, from, rollback, syncRequest }: Extract<TargetEffect, { kind: 'WriteDelivery' }>,
): Promise<void> {
  const { host } = deps.fleet
  const namespace = rollout.metadata.namespace ?? ''
  const existing = deps.state.deliveries.get(namespace, target.delivery)
  const digest = existing?.spec.desired?.digest
  if (digest !== from && (want === undefined || digest !== want.digest))
    throw new FlotillaError('kube.conflict', { message: `${target.delivery} is no longer what was decided on` })
  if (want === undefined) {
    if (existing === undefined || existing.metadata.deletionTimestamp !== undefined) return
    const key = { group, version, kind: DeliveryKind.kind, namespace, name: target.delivery }
    await host.delete(key, { uid: existing.metadata.uid, signal })
    return
  }
  const written = deliveryOf(document, target, want, existing, { rollout: rollout.metadata.name, rollback })
  const object =
    syncRequest === undefined ? written : { ...written, spec: { ...asRecord(written['spec']), syncRequest } }
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

const asRecord = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {})
