import type { ApiClient, RolloutDetail } from '@flotilla/api'
import { UsageError } from '../exit.ts'
import { findRollout } from '../find-rollout.ts'
import type { Io } from '../io.ts'
import { matchTarget } from '../parse-target.ts'
import { neutraliseLine } from '../print/neutralise.ts'
import { printResult } from '../print/result.ts'
import { findStep, placeText } from '../rollout/placed-steps.ts'
import { connect } from '../settings/connect.ts'
import type { ReleaseOptions } from './release-options.ts'

type Answer = { readonly project: string; readonly rollout: string; readonly changed: boolean }
interface Place {
  readonly cluster?: string
  readonly namespace?: string
}

export interface ReasonOptions extends ReleaseOptions {
  readonly reason?: string
}

export async function pauseRollout(io: Io, text: string, options: ReasonOptions): Promise<void> {
  const { api, params } = await open(io, text, options)
  const { reason } = options
  const answer = await api.rollouts.pause({ params, body: reason === undefined ? {} : { reason }, signal: io.signal })
  await say(io, options, answer, 'is paused: what has begun ends, nothing new begins', 'resume')
}

export async function resumeRollout(io: Io, text: string, options: ReleaseOptions): Promise<void> {
  const { api, params } = await open(io, text, options)
  await say(io, options, await api.rollouts.resume({ params, body: {}, signal: io.signal }), 'goes on')
}

export async function abortRollout(
  io: Io,
  text: string,
  options: ReleaseOptions & { readonly reason: string },
): Promise<void> {
  const { api, params } = await open(io, text, options)
  const answer = await api.rollouts.abort({ params, body: { reason: options.reason }, signal: io.signal })
  await say(
    io,
    options,
    answer,
    'is aborted: what has begun ends, nothing more begins, and what was changed stays',
    'rollback',
  )
}

export interface PlaceOptions extends ReleaseOptions {
  readonly target?: string
  readonly stage?: string
}

/** Failed targets again, or the failed steps of a stage; everything that failed when neither is named. */
export async function retryRollout(io: Io, text: string, options: PlaceOptions): Promise<void> {
  const { api, params } = await open(io, text, options)
  const { target, stage } = options
  const detail =
    target === undefined && stage === undefined ? undefined : await api.rollouts.get({ params, signal: io.signal })
  const body = {
    ...(detail === undefined || target === undefined ? {} : placeOf(detail, target)),
    ...(detail === undefined || stage === undefined ? {} : { stage: stageOf(detail, stage) }),
  }
  const what = target ?? (stage === undefined ? 'what failed' : `what failed in stage ${stage}`)
  const answer = await api.rollouts.retry({ params, body, signal: io.signal })
  await say(io, options, answer, `tries ${what} again`)
}

export interface StepOptions extends PlaceOptions {
  readonly step?: string
  readonly reason: string
}

export async function skipOfRollout(io: Io, text: string, options: StepOptions): Promise<void> {
  const { target, stage, step, reason } = options
  if (target === undefined && step === undefined) throw new UsageError('say what is skipped: --target or --step')
  const { api, params } = await open(io, text, options)
  const detail = await api.rollouts.get({ params, signal: io.signal })
  if (step === undefined) {
    const body = { ...placeOf(detail, target ?? ''), reason }
    const answer = await api.rollouts.skip({ params, body, signal: io.signal })
    return await say(io, options, answer, `goes on without ${target ?? ''}, which keeps what it has`)
  }
  const found = findStep(detail, { stage, step, target })
  const body = { ...ofStep(found), reason }
  const answer = await api.rollouts.skip({ params, body, signal: io.signal })
  await say(io, options, answer, `goes on without ${placeText(found)}`)
}

export interface ResolveOptions extends StepOptions {
  readonly step?: string
  readonly hook?: string
  readonly outcome: 'Succeeded' | 'Failed'
}

/** How a step ended that nobody could tell: who says it has looked. */
export async function resolveStep(io: Io, text: string, options: ResolveOptions): Promise<void> {
  const { stage, step, hook, target, outcome, reason } = options
  const { api, params } = await open(io, text, options)
  const detail = await api.rollouts.get({ params, signal: io.signal })
  if (hook !== undefined) return await resolveHookOf(io, api, detail, { ...options, hook })
  if (step === undefined) throw new UsageError('say which: --step NAME, or --hook NAME with --target')
  const found = findStep(detail, { stage, step, target })
  const answer = await api.rollouts.resolve({ params, body: { ...ofStep(found), outcome, reason }, signal: io.signal })
  const word = outcome === 'Succeeded' ? 'succeeded' : 'failed'
  await say(io, options, answer, `takes it that ${placeText(found)} ${word}`)
}

/** Of a hook of a chart, which belongs to the application; the target that stopped at it goes on then. */
async function resolveHookOf(
  io: Io,
  api: ApiClient,
  detail: RolloutDetail,
  { hook, target, outcome, reason, output }: ResolveOptions & { readonly hook: string },
): Promise<void> {
  if (target === undefined) throw new UsageError('a hook runs in a target: say --target')
  const place = placeOf(detail, target)
  const { project, application, name: rollout } = detail
  const answer = await api.applications.resolveHook({
    params: { project, application },
    body: { ...place, hook, outcome, reason },
    signal: io.signal,
  })
  const failed = detail.stages
    .flatMap(({ targets }) => targets)
    .some((one) => one.cluster === place.cluster && one.namespace === place.namespace && one.phase === 'Failed')
  if (failed) await api.rollouts.retry({ params: { project, rollout }, body: place, signal: io.signal })
  if (output !== 'table') return await printResult(io, output, answer)
  const word = outcome === 'Succeeded' ? 'succeeded' : 'failed'
  io.out(`${neutraliseLine(`${project}/${rollout} takes it that hook ${hook} in ${target} ${word}`)}\n`)
  io.err(`See: flotilla rollout status ${project}/${rollout} --watch\n`)
}

function ofStep({ stage, target, step }: ReturnType<typeof findStep>) {
  const place: Place = target === undefined ? {} : { cluster: target.cluster, namespace: target.namespace }
  return { ...place, stage: stage.name, step: step.name }
}

function placeOf({ stages }: RolloutDetail, text: string): Place {
  const targets = stages.flatMap((stage) => stage.targets)
  const { cluster, namespace } = matchTarget(targets, text)
  return { cluster, namespace }
}

function stageOf({ stages }: RolloutDetail, name: string): string {
  if (!stages.some((stage) => stage.name === name))
    throw new UsageError(`there is no stage ${name}; there are: ${stages.map((stage) => stage.name).join(', ')}`)
  return name
}

async function open(io: Io, text: string, options: ReleaseOptions) {
  const { api } = await connect(io, options.context)
  return { api, params: await findRollout(io, api, text, options.project) }
}

async function say(
  io: Io,
  { output }: ReleaseOptions,
  answer: Answer,
  words: string,
  next?: 'resume' | 'rollback',
): Promise<void> {
  if (output !== 'table') return await printResult(io, output, answer)
  const name = `${answer.project}/${answer.rollout}`
  io.out(`${neutraliseLine(`${name} ${answer.changed ? words : 'was so already'}`)}\n`)
  if (next === 'resume') io.err(`Go on: flotilla rollout resume ${name}\n`)
  if (next === 'rollback') io.err(`Take back what was changed: flotilla rollout rollback ${name} --reason "..."\n`)
  io.err(`See: flotilla rollout status ${name}${next === undefined ? ' --watch' : ''}\n`)
}
