import { type Delivery, type HookInHand, type ObjectRef, uncertainHookText } from '@flotilla/model'
import { type Attempt, secondsBetween } from './attempt.ts'
import { beginHook, deletePolicies, isAwaited, isStopped, type PlannedHook, prepareHook } from './hooks.ts'
import type { DeliveryEffect, DeliveryObserved } from './types.ts'

export type HookStep =
  | { readonly step: 'done'; readonly attempt: Attempt }
  | {
      readonly step: 'work'
      readonly attempt: Attempt
      readonly effects: readonly DeliveryEffect[]
      readonly waitingFor: string
    }
  | {
      readonly step: 'failed'
      readonly attempt: Attempt
      readonly effects: readonly DeliveryEffect[]
      readonly message: string
    }

export interface HookStepInput {
  readonly delivery: Delivery
  readonly attempt: Attempt
  readonly planned: readonly PlannedHook[]
  /** The event of the round, or a name for several: tells two rounds of one attempt apart. */
  readonly round: string
  /** Events of rounds that come after this one: a hook of theirs in hand means that this round is over. */
  readonly later?: readonly string[]
  readonly observed: DeliveryObserved
  readonly timeoutSeconds: (component: string) => number
  readonly now: string
}

/**
 * One step of a round of hooks. What is to be done is in the attempt before it is done: first the hook in hand, then its
 * creation; first its outcome, then its clean-up. So every restart finds either the object with our key, or none, which
 * means that it was never created.
 */
export function stepHooks(input: HookStepInput): HookStep {
  const { attempt, planned, observed } = input
  const inHand = attempt.hook
  if (inHand !== undefined) {
    return input.later?.includes(eventOf(inHand)) === true ? { step: 'done', attempt } : stepHookInHand(input, inHand)
  }
  const next = planned.find(({ id }) => !attempt.hooksDone.includes(id))
  if (next !== undefined) return startHook(input, next)
  const done = removeAfterRound(input)
  if (done === undefined || observed.results.has(done.key)) return { step: 'done', attempt }
  return { step: 'work', attempt, effects: [done], waitingFor: 'hooks being cleaned up' }
}

function startHook({ delivery, attempt, now, observed }: HookStepInput, planned: PlannedHook): HookStep {
  const hook = beginHook(delivery, attempt, planned, now, observed.hashKey)
  const effect: DeliveryEffect = {
    kind: 'startHook',
    key: `start/${hook.key}`,
    run: prepareHook(delivery, hook, planned),
  }
  return { step: 'work', attempt: { ...attempt, hook }, effects: [effect], waitingFor: hookText(hook) }
}

function stepHookInHand(input: HookStepInput, hook: HookInHand): HookStep {
  const { delivery, attempt, planned, observed, now } = input
  const plan = planned.find(({ id }) => id === hook.id)
  if (hook.outcome !== undefined) return finishHook(input, hook)
  const wait: HookStep = { step: 'work', attempt, effects: [], waitingFor: hookText(hook) }
  if (!observed.hook.known) return wait
  const started = observed.results.get(`start/${hook.key}`)
  if (started?.kind === 'refused') return conclude(input, hook, 'Failed', started.message)
  if (started?.kind === 'ranBefore') return conclude(input, hook, 'Succeeded', started.message)
  // of what changes data, a run whose end was not seen is not one that failed
  const unseenEnd = hook.migration === undefined ? 'Failed' : 'Uncertain'
  const sight = observed.hook.value
  switch (sight.state) {
    case 'absent':
    case 'other': {
      if (started !== undefined) return conclude(input, hook, unseenEnd, 'it was deleted before it ended')
      // the set changed under the hook: there is nothing to create any more
      if (plan === undefined) return conclude(input, hook, 'Failed', 'it is no longer part of what is delivered')
      const effect: DeliveryEffect = {
        kind: 'startHook',
        key: `start/${hook.key}`,
        run: prepareHook(delivery, hook, plan),
      }
      return { ...wait, effects: [effect] }
    }
    case 'running': {
      const limit = input.timeoutSeconds(componentOf(hook))
      if (!isAwaited(objectKind(hook))) return conclude(input, hook, 'Succeeded')
      const seconds = secondsBetween(hook.since, now)
      return seconds < limit ? wait : conclude(input, hook, unseenEnd, `it did not end within ${limit} s`)
    }
    case 'succeeded':
      return conclude(input, hook, 'Succeeded')
    case 'failed':
      return conclude(input, hook, 'Failed', sight.message)
    case 'uncertain':
      return conclude(input, hook, 'Uncertain', sight.message)
    default:
      return sight satisfies never
  }
}

/** Writes the outcome down; the clean-up follows when it is written. */
function conclude(
  input: HookStepInput,
  hook: HookInHand,
  outcome: NonNullable<HookInHand['outcome']>,
  message?: string,
): HookStep {
  const { attempt } = input
  const concluded: HookInHand = {
    ...hook,
    outcome,
    ...(message === undefined ? {} : { message: message.slice(0, 2048) }),
  }
  const hooksDone = outcome === 'Succeeded' ? [...attempt.hooksDone, hook.id] : attempt.hooksDone
  return finishHook({ ...input, attempt: { ...attempt, hooksDone, hook: concluded } }, concluded)
}

function finishHook(input: HookStepInput, hook: HookInHand): HookStep {
  const { attempt, observed, planned } = input
  const plan = planned.find(({ id }) => id === hook.id)
  const failed = isStopped(hook)
  const remove = failed && plan !== undefined && deletePolicies(plan.hook).includes('hook-failed')
  const finish: DeliveryEffect = { kind: 'finishHook', key: `finish/${hook.key}`, hook, remove }
  const finished = observed.results.has(finish.key)
  if (failed) {
    const cleanUp = removeAfterRound(input)
    const effects = [finish, ...(cleanUp === undefined ? [] : [cleanUp])].filter(
      ({ key }) => !observed.results.has(key),
    )
    return {
      step: 'failed',
      attempt,
      effects,
      message: `${hookText(hook)} ${hook.outcome === 'Failed' ? 'failed' : uncertainHookText}: ${hook.message ?? 'no reason given'}`,
    }
  }
  if (!finished) return { step: 'work', attempt, effects: [finish], waitingFor: hookText(hook) }
  const { hook: _done, ...rest } = attempt
  return stepHooks({ ...input, attempt: rest })
}

/** Helm deletes hooks with `hook-succeeded` when all of the round have ended, or one has failed. */
function removeAfterRound({ delivery, attempt, planned, round, observed }: HookStepInput): DeliveryEffect | undefined {
  const refs = planned
    .filter(({ id, hook }) => attempt.hooksDone.includes(id) && deletePolicies(hook).includes('hook-succeeded'))
    .map((plan): ObjectRef => {
      const { group, version, kind, namespace, name } = beginHook(delivery, attempt, plan, '', observed.hashKey)
      return { group, version, kind, namespace, name }
    })
  if (refs.length === 0) return undefined
  const deliveryUid = delivery.metadata.uid ?? ''
  return { kind: 'removeHooks', key: `remove-hooks/${attempt.startedAt}/${round}/${refs.length}`, refs, deliveryUid }
}

export type LeftHook =
  | { readonly over: true; readonly attempt: Attempt }
  | {
      readonly over: false
      readonly attempt: Attempt
      readonly effects: readonly DeliveryEffect[]
      readonly waitingFor: string
    }

/**
 * A hook in hand of work that is no longer wanted: let it end, and let go of its object, before anything else begins.
 * Killing a migration half-way is worse than waiting for it.
 */
export function stepLeftHook(input: Omit<HookStepInput, 'planned' | 'round' | 'later'>): LeftHook {
  if (input.attempt.hook === undefined) return { over: true, attempt: input.attempt }
  const step = stepHooks({ ...input, planned: [], round: 'left' })
  if (step.step === 'work') return { over: false, ...step }
  const { hook, ...rest } = step.attempt
  if (step.step === 'done' || step.effects.length === 0) return { over: true, attempt: rest }
  return {
    over: false,
    attempt: step.attempt,
    effects: step.effects,
    waitingFor: hook === undefined ? '' : hookText(hook),
  }
}

const eventOf = (hook: HookInHand): string => hook.id.split('/')[1] ?? ''
const componentOf = (hook: HookInHand): string => hook.id.split('@', 1)[0] ?? ''
const objectKind = ({ group, version, kind }: HookInHand) => ({
  apiVersion: group === '' ? version : `${group}/${version}`,
  kind,
})

/** `hook migrate (pre-upgrade of shop)`. */
export function hookText(hook: HookInHand): string {
  const [owner = '', event = ''] = hook.id.split('/')
  return `hook ${hook.name} (${event} of ${owner.split('@', 1)[0] ?? ''})`
}
