import { type DeliveryPhase, refKey } from '@flotilla/model'
import { secondsBetween } from './attempt.ts'
import { computeUnready } from './delivery-health.ts'
import { planHooks, type HookRound } from './hooks.ts'
import { computeWaves } from './install-order.ts'
import { coversUnion, unionInventory } from './inventory.ts'
import { isAtLeast } from './live-sight.ts'
import { computeArriving, computeClashes, computeRefusals, failuresText } from './refusals.ts'
import { stepHooks } from './step-hooks.ts'
import type { DeliveryEffect } from './types.ts'
import { changedComponents, hookTimeout, objectsToWrite, type PhaseStep, type Work } from './work.ts'

/** Everything is tried before anything is written, so that a set with one bad object changes nothing. */
export function dryRun(work: Work): PhaseStep {
  const { object, attempt, id, prepared, observed, inventory } = work
  const refused = [...computeRefusals(object, [...work.sets.values()]), ...computeClashes(prepared)]
  if (refused.length > 0) return { fail: failuresText(refused), attempt, act: [] }
  const objects = objectsToWrite(work)
  if (objects.length === 0) return { go: 'PreHooks' }
  const key = `dry-run/${id}/${attempt.failures}`
  const result = observed.results.get(key)
  if (result?.kind === 'failures') {
    return result.failures.length === 0 ? { go: 'PreHooks' } : { fail: failuresText(result.failures), attempt, act: [] }
  }
  const effect: DeliveryEffect = { kind: 'dryRun', key, objects, arriving: computeArriving(prepared), inventory }
  return { act: [effect], waitingFor: `the dry-run of ${count(objects.length, 'object')}` }
}

export function preHooks(work: Work): PhaseStep {
  return runHooks(work, 'pre', 'Applying')
}

export function postHooks(work: Work): PhaseStep {
  return runHooks(work, 'post', 'Pruning')
}

/** First time in this target: install; afterwards: upgrade. Only what changes has hooks to run. */
function runHooks(work: Work, when: 'pre' | 'post', then: DeliveryPhase): PhaseStep {
  const rounds = changedComponents(work).flatMap(({ name, digest }): HookRound[] => {
    const set = work.sets.get(digest)
    const event = work.attempt.installs?.includes(name) === true ? `${when}-install` : `${when}-upgrade`
    return set === undefined ? [] : [{ set, digest, event }]
  })
  return stepRound(work, rounds, when, then)
}

export function stepRound(
  work: Work,
  rounds: readonly HookRound[],
  round: string,
  then: DeliveryPhase,
  later: readonly string[] = [],
): PhaseStep {
  const step = stepHooks({
    delivery: work.object,
    attempt: work.attempt,
    planned: planHooks(rounds),
    round,
    later,
    observed: work.observed,
    timeoutSeconds: (component) => hookTimeout(work.desired, component),
    now: work.now,
  })
  switch (step.step) {
    case 'done':
      return { go: then, attempt: step.attempt }
    case 'work':
      return { act: step.effects, waitingFor: step.waitingFor, attempt: step.attempt, seconds: 2 }
    case 'failed':
      return { fail: step.message, attempt: step.attempt, act: step.effects }
    default:
      return step satisfies never
  }
}

export function applying(work: Work): PhaseStep {
  const { attempt, id, uid, prepared, observed, inventory } = work
  const covered = coversUnion(inventory, id, prepared)
  const union = covered ? inventory : unionInventory(inventory, uid, id, prepared)
  const key = applyKey(work)
  const result = observed.results.get(key)
  if (covered && result?.kind === 'applied') {
    return result.failures.length === 0
      ? { go: 'WaitingHealth' }
      : { fail: failuresText(result.failures), attempt, act: [] }
  }
  const unionKey = `union/${id}/${attempt.failures}/${union.epoch}`
  const refused = observed.results.get(unionKey)
  if (refused?.kind === 'refused') return { fail: refused.message, attempt, act: [] }
  const objects = objectsToWrite(work)
  const effects: DeliveryEffect[] = []
  if (!covered) effects.push({ kind: 'writeInventory', key: unionKey, inventory: union })
  // once a component was applied, it has what it took over
  const arrives = objects.some(({ component }) => inventory?.components[component] === undefined)
  const takeOver = work.forced || (observed.adopt && arrives)
  if (objects.length > 0) {
    effects.push({ kind: 'apply', key, waves: computeWaves(objects), inventory: union, takeOver })
  }
  if (effects.length === 0) return { go: 'WaitingHealth' }
  return { act: effects, waitingFor: `${count(objects.length, 'object')} being written` }
}

export const applyKey = ({ id, attempt }: Pick<Work, 'id' | 'attempt'>): string => `apply/${id}/${attempt.failures}`

/** How long an object may be unseen after it was written, before it counts as gone again. */
const unseenSeconds = 10

/** Only what was seen counts: an object is looked at when the watch is not behind the write. */
export function waitingHealth(work: Work): PhaseStep {
  const { prepared, observed, live, object, now, attempt } = work
  const result = observed.results.get(applyKey(work))
  const applied = result?.kind === 'applied' ? result : undefined
  const since =
    applied?.at ?? (object.status?.phase === 'WaitingHealth' ? object.status.waitingSince : undefined) ?? now
  const unready: string[] = []
  for (const { ref } of prepared) {
    const key = refKey(ref)
    if (applied?.skipped.includes(key) === true) continue
    const seen = live.get(key)
    if (seen === undefined && secondsBetween(since, now) > unseenSeconds) {
      // deleted behind our back, or never written: once more, as another try
      return { go: 'Applying', attempt: { ...attempt, failures: attempt.failures + 1 } }
    }
    const written = applied?.applied.get(key)
    const behind =
      seen !== undefined && written !== undefined && !isAtLeast(seen.resourceVersion, written.resourceVersion)
    const why = behind ? `${ref.kind} ${ref.name}: not seen since it was written` : computeUnready(ref, seen)
    if (why !== undefined) unready.push(why)
  }
  if (unready.length === 0) return { go: 'PostHooks' }
  const [first = '', ...others] = unready
  return { act: [], waitingFor: others.length === 0 ? first : `${first} (and ${others.length} more)`, seconds: 5 }
}

export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`
