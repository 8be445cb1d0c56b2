import { type Delivery, type DeliveryPhase, known, stalled, waiting } from '@flotilla/model'
import { addSeconds, retrySeconds, secondsBetween } from './attempt.ts'
import { applying, dryRun, postHooks, preHooks, waitingHealth } from './phases.ts'
import { isStopped } from './hooks.ts'
import { pruning } from './pruning.ts'
import type { DeliveryDecision, DeliveryEffect } from './types.ts'
import { beginWork, countOf, decide, type PhaseStep, seenComponents, waitText, type Work } from './work.ts'

const phases: Partial<Record<DeliveryPhase, (work: Work) => PhaseStep>> = {
  DryRun: dryRun,
  PreHooks: preHooks,
  Applying: applying,
  WaitingHealth: waitingHealth,
  PostHooks: postHooks,
  Pruning: pruning,
}

/** Where an attempt goes on: where its status says, or at its beginning. */
export function phaseOf(object: Delivery): DeliveryPhase {
  const phase = object.status?.phase
  return phase !== undefined && phase in phases ? phase : 'DryRun'
}

/** More than all phases, once round: from health back to applying and on again. */
const mostSteps = 12

/** Goes through the phases until one of them has something to do. */
export function runAttempt(first: Work): DeliveryDecision {
  let work = first
  for (let steps = 0; steps < mostSteps; steps++) {
    const phase = phases[work.phase] ?? dryRun
    const step = phase(work)
    if ('go' in step) {
      work = beginWork(work, { ...work, phase: step.go, attempt: step.attempt ?? work.attempt })
      continue
    }
    if ('settle' in step) {
      return decide(
        work.object,
        { ...seen(work), phase: 'Settled', attempt: undefined, applied: step.settle, findings: step.findings },
        work.now,
        {
          next: waiting(0, 'a last look'),
          prepared: work.prepared,
        },
      )
    }
    return 'fail' in step ? fail(work, step) : act(work, step)
  }
  return act(work, { act: [], waitingFor: 'the next look', seconds: 1 })
}

function act(
  work: Work,
  step: Extract<PhaseStep, { act: readonly DeliveryEffect[]; waitingFor: string }>,
): DeliveryDecision {
  const news = {
    ...seen(work),
    phase: work.phase,
    attempt: step.attempt ?? work.attempt,
    waitingFor: step.act.length === 0 ? step.waitingFor : waitText(step.waitingFor, work.observed),
  }
  return decide(work.object, news, work.now, {
    effects: step.act,
    next: waiting(step.seconds ?? 10, step.waitingFor),
    prepared: work.prepared,
  })
}

function fail(work: Work, step: Extract<PhaseStep, { fail: string }>): DeliveryDecision {
  const stopped = isStopped(step.attempt.hook)
  const failures = step.attempt.failures + 1
  const seconds = retrySeconds(failures)
  const { retryAt: _old, ...rest } = step.attempt
  const attempt = { ...rest, failures, ...(stopped ? {} : { retryAt: addSeconds(work.now, seconds) }) }
  const news = { ...seen(work), phase: 'Failed' as const, attempt, trouble: step.fail }
  return decide(work.object, news, work.now, {
    effects: step.act,
    next: stopped ? stalled(step.fail) : waiting(seconds, step.fail),
    prepared: work.prepared,
  })
}

const seen = ({ object, inventory, live }: Work) => ({
  components: seenComponents(object, inventory, known(live)),
  ...(inventory?.resourceVersion === undefined ? {} : { inventory: countOf(inventory) }),
})

/** An attempt that failed: stopped for a person where a hook failed, tried again in a while otherwise. */
export function isDue(
  object: Delivery,
  now: string,
): { readonly due: true } | { readonly due: false; readonly seconds?: number } {
  const attempt = object.status?.attempt
  if (object.status?.phase !== 'Failed' || attempt === undefined) return { due: true }
  if (isStopped(attempt.hook)) return { due: false }
  const seconds = attempt.retryAt === undefined ? 0 : secondsBetween(now, attempt.retryAt)
  return seconds <= 0 ? { due: true } : { due: false, seconds }
}
