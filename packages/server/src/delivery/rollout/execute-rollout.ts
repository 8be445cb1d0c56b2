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
import { deliveryOf, type RolloutEffect, standsBy, type StepInHand } from '@flotilla/reconcile'
import { inParallel } from '../delivery/in-parallel.ts'
import type { RolloutDeps } from './deps.ts'
import type { Released } from './released.ts'
import type { StepAct, StepWork } from './step-work.ts'
import type { StepContext } from './steps/step-runner.ts'

export interface RolloutBench {
  readonly deps: RolloutDeps
  readonly rollout: Rollout
  readonly document: RolloutDocument
  /** Keys of steps that were let go of. */
  readonly released: Released
  readonly work: StepWork
  readonly signal: AbortSignal
}

/** Deliveries that are written side by side. */
const atOnce = 16
/** What took longer is tried again. */
const effectMs = 20_000
const failuresToWarn = 3

const hostKinds = ['AddFinalizer', 'RemoveFinalizer', 'StoreDocument', 'HoldApplication'] as const
export type HostEffect = Extract<RolloutEffect, { kind: (typeof hostKinds)[number] }>
type TargetEffect = Exclude<RolloutEffect, HostEffect>
type DeliveryEffect = Extract<TargetEffect, { kind: 'WriteDelivery' }>
type StepEffect = Exclude<TargetEffect, DeliveryEffect>

export const isOfHost = (effect: RolloutEffect): effect is HostEffect => hostKinds.some((kind) => kind === effect.kind)
export const isOfTarget = (effect: RolloutEffect): effect is TargetEffect => !isOfHost(effect)
const isWrite = (effect: TargetEffect): effect is DeliveryEffect => effect.kind === 'WriteDelivery'
const isOfStep = (effect: TargetEffect): effect is StepEffect => !isWrite(effect)

/**
 * Does what belongs to targets and steps, side by side. A write of the host that fails holds up no other, and the first failure is
 * thrown at the end. A step that cannot be worked on is tried again, and holds up nothing.
 * @returns whether a step was worked on, so that it is to be looked at at once
 */
export async function executeTargets(bench: RolloutBench, effects: readonly TargetEffect[]): Promise<boolean> {
  const working = executeSteps(bench, effects.filter(isOfStep))
  try {
    await executeWrites(bench, effects.filter(isWrite))
  } finally {
    await working
  }
  return working
}

async function executeWrites(bench: RolloutBench, effects: readonly DeliveryEffect[]): Promise<void> {
  const outcomes = await inParallel(effects, atOnce, async (effect) => {
    const signal = AbortSignal.any([bench.signal, AbortSignal.timeout(effectMs)])
    try {
      await writeDelivery({ ...bench, signal }, effect)
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

function executeSteps(bench: RolloutBench, effects: readonly StepEffect[]): Promise<boolean> {
  const { log } = bench.deps
  // what a person said of a step is in the ledger before the step is let go of
  const inOrder = [
    ...effects.filter(({ kind }) => kind === 'ResolveStep'),
    ...effects.filter(({ kind }) => kind !== 'ResolveStep'),
  ]
  const acts = [...Map.groupBy(inOrder, ({ step }) => step.key).values()].flatMap((own): StepAct[] => {
    const [first] = own
    if (first === undefined) return []
    const { step } = first
    return [
      {
        step,
        work: async () => {
          for (const effect of own) {
            const signal = AbortSignal.any([bench.signal, AbortSignal.timeout(effectMs)])
            await executeStep({ ...bench, signal }, effect)
            failpoint(`rollout-${effect.kind}-done`)
          }
        },
        onFailure: ({ code, message }, failures) => {
          if (failures === failuresToWarn)
            log.warn('step cannot be worked on', { step: step.key, code, reason: message })
        },
      },
    ]
  })
  return bench.work.act(acts)
}

async function executeStep(bench: RolloutBench, effect: StepEffect): Promise<void> {
  const { deps, signal } = bench
  const context = contextOf(bench, effect.step)
  switch (effect.kind) {
    case 'BeginStep':
      return deps.runners.begin(effect.step, context, signal)
    case 'LetGoStep':
      await deps.runners.letGo(effect.step, context, signal)
      bench.released.add(effect.step.key)
      bench.work.forget(effect.step.key)
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
  const { release, frozenAt, application, project, action } = document
  return {
    rollout: document.rollout,
    release,
    application,
    project,
    action,
    ...(frozenAt === undefined ? {} : { frozenAt }),
    ...(evidence === undefined ? {} : { evidence }),
  }
}

async function writeDelivery(
  { deps, rollout, document, signal }: RolloutBench,
  { target, want, from, rollback, syncRequest }: DeliveryEffect,
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
  const application = deps.state.applications.get(namespace, rollout.spec.application)
  const cluster = deps.fleet.get(target.cluster)
  const standby = application !== undefined && cluster !== undefined && standsBy(application, cluster, target)
  const cause = { rollout: rollout.metadata.name, rollback, standby }
  const written = deliveryOf(document, target, want, existing, cause)
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
