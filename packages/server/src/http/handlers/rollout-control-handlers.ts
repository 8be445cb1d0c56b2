import { randomBytes } from 'node:crypto'
import {
  FlotillaError,
  endedPhases,
  group,
  type KubeObject,
  parseInput,
  projectNamespace,
  Rollout,
  type Rollout as RolloutObject,
  type RolloutControl,
  type StepRef,
  type TargetRef,
  version,
} from '@flotilla/model'
import { updateUnlessChanged } from '../../delivery/update-unless-changed.ts'
import type { Caller, Services, SomeHandlers } from '../handler.ts'
import { refuseForApproval } from '../releases/refuse-for-approval.ts'
import { refuseToResume } from '../releases/refuse-to-resume.ts'
import { notFound } from './fleet-handlers.ts'

export type RolloutControlRoute =
  | 'rollouts.pause'
  | 'rollouts.resume'
  | 'rollouts.abort'
  | 'rollouts.retry'
  | 'rollouts.skip'
  | 'rollouts.resolve'

interface Named {
  readonly project: string
  readonly rollout: string
}

/** What people ask of a run: written into its `spec.control` as themselves, and done by the engine. */
export function rolloutControlHandlers({ deps }: Services): Pick<SomeHandlers<'rollouts'>, RolloutControlRoute> {
  const { state } = deps
  const ask = async (
    { project, rollout: name }: Named,
    caller: Caller,
    signal: AbortSignal,
    next: (control: RolloutControl, rollout: RolloutObject) => RolloutControl | Promise<RolloutControl>,
  ) => {
    const namespace = projectNamespace(project)
    if (state.rollouts.get(namespace, name) === undefined) throw notFound('rollout', name)
    const live = await caller.host.get({ group, version, kind: 'Rollout', namespace, name }, { signal })
    const before = parseInput(Rollout, live)
    const phase = before.status?.phase
    if (phase !== undefined && endedPhases.includes(phase))
      throw new FlotillaError('request.conflict', {
        message: `Rollout ${name} has ended: ${phase}`,
        remedy: phase === 'Succeeded' ? 'To take it back: flotilla rollout rollback' : 'Start another rollout',
      })
    const wanted = await next(before.spec.control, before)
    if (wanted === before.spec.control) return { project, rollout: name, changed: false }
    const change = (object: KubeObject): KubeObject => ({
      ...object,
      spec: { ...parseInput(Rollout, object).spec, control: wanted },
    })
    await updateUnlessChanged(caller.host, live, change, signal)
    return { project, rollout: name, changed: true }
  }
  const newId = (): string => `r${randomBytes(5).toString('hex')}`

  return {
    'rollouts.pause': ({ params, body, caller, exchange }) =>
      ask(params, caller, exchange.signal, (control) =>
        control.paused === undefined
          ? {
              ...control,
              paused: { by: caller.identity.user, ...(body?.reason === undefined ? {} : { reason: body.reason }) },
            }
          : control,
      ),
    'rollouts.resume': ({ params, caller, exchange }) =>
      ask(params, caller, exchange.signal, (control, rollout) => {
        const { paused, ...rest } = control
        if (paused !== undefined) return rest
        refuseToResume(rollout)
        // a run that goes on by itself needs nothing
        return rollout.status?.phase === 'Paused' ? { ...control, resumed: control.resumed + 1 } : control
      }),
    'rollouts.abort': ({ params, body, caller, exchange }) =>
      ask(params, caller, exchange.signal, (control) =>
        control.abort === undefined
          ? { ...control, abort: { by: caller.identity.user, reason: body.reason } }
          : control,
      ),
    'rollouts.retry': ({ params, body, caller, exchange }) =>
      ask(params, caller, exchange.signal, (control, rollout) => {
        const target = targetOf(params.project, body)
        checkNames(rollout, { target, stage: body.stage })
        const entry = {
          id: newId(),
          by: caller.identity.user,
          ...(target === undefined ? {} : { target }),
          ...(body.stage === undefined ? {} : { stage: body.stage }),
        }
        return { ...control, retries: [...control.retries, entry] }
      }),
    'rollouts.skip': ({ params, body, caller, exchange }) =>
      ask(params, caller, exchange.signal, async (control, rollout) => {
        const target = targetOf(params.project, body)
        checkNames(rollout, { target, stage: body.stage })
        if (body.step === undefined && target === undefined)
          throw new FlotillaError('input.invalid', {
            message: 'What is to be skipped is not said',
            field: 'cluster',
            remedy: 'Name a target, or a step with its stage',
          })
        const step =
          body.step === undefined ? undefined : stepOf(rollout, { stage: body.stage, target, step: body.step })
        if (step !== undefined) await refuseForApproval(deps, rollout, step)
        const entry = {
          id: newId(),
          by: caller.identity.user,
          reason: body.reason,
          ...(step === undefined ? (target === undefined ? {} : { target }) : { step }),
        }
        return { ...control, skips: [...control.skips, entry] }
      }),
    'rollouts.resolve': ({ params, body, caller, exchange }) =>
      ask(params, caller, exchange.signal, (control, rollout) => {
        const target = targetOf(params.project, body)
        checkNames(rollout, { target, stage: body.stage })
        const entry = {
          id: newId(),
          by: caller.identity.user,
          reason: body.reason,
          outcome: body.outcome,
          step: stepOf(rollout, { stage: body.stage, target, step: body.step }),
        }
        return { ...control, resolutions: [...control.resolutions, entry] }
      }),
  }
}

function targetOf(
  project: string,
  { cluster, namespace }: { readonly cluster?: string | undefined; readonly namespace?: string | undefined },
): TargetRef | undefined {
  return cluster === undefined ? undefined : { cluster, namespace: namespace ?? project }
}

/** Nothing is asked of what the run does not have: it would never be done, and nobody would hear of it. */
function checkNames(
  { metadata, status }: RolloutObject,
  { target, stage }: { readonly target: TargetRef | undefined; readonly stage: string | undefined },
): void {
  const targets = status?.targets ?? []
  const stages = (status?.stages ?? []).map(({ name }) => name)
  if (stage !== undefined && !stages.includes(stage))
    throw new FlotillaError('input.invalid', {
      message: `Rollout ${metadata.name} has no stage ${stage}`,
      field: 'stage',
      value: stage,
      remedy: `Its stages are: ${stages.join(', ')}`,
    })
  const has = ({ cluster, namespace }: TargetRef): boolean =>
    cluster === target?.cluster && namespace === target.namespace
  if (target !== undefined && !targets.some(has))
    throw new FlotillaError('input.invalid', {
      message: `Rollout ${metadata.name} has no target ${target.cluster}/${target.namespace}`,
      field: 'cluster',
      value: target.cluster,
      remedy: `See its targets: flotilla rollout status ${metadata.name}`,
    })
}

function stepOf(
  { metadata, status }: RolloutObject,
  named: { readonly stage: string | undefined; readonly target: TargetRef | undefined; readonly step: string },
): StepRef {
  const { target, step } = named
  const stage =
    named.stage ??
    status?.targets?.find((one) => one.cluster === target?.cluster && one.namespace === target.namespace)?.stage
  const steps =
    target === undefined
      ? status?.stages?.find(({ name }) => name === stage)?.steps
      : status?.targets?.find((one) => one.cluster === target.cluster && one.namespace === target.namespace)?.steps
  if (stage === undefined || steps?.some(({ name }) => name === step) !== true)
    throw new FlotillaError('input.invalid', {
      message: `No step ${step} has begun ${target === undefined ? `in stage ${stage ?? '(none named)'}` : `in ${target.cluster}`} of ${metadata.name}`,
      field: 'step',
      value: step,
      remedy: `See its steps: flotilla rollout status ${metadata.name}`,
    })
  return { stage, step, ...(target === undefined ? {} : { target }) }
}
