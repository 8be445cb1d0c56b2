import { type DeliveryPhase, refKey } from '@flotilla/model'
import { secondsBetween } from './attempt.ts'
import { computeUnready } from './delivery-health.ts'
import { declaredMigration } from './hook-migration.ts'
import { type HookRound, type PlannedHook, planHooks } from './hooks.ts'
import { computeWaves } from './install-order.ts'
import { coversUnion, unionInventory } from './inventory.ts'
import { isAtLeast } from './live-sight.ts'
import { computeArriving, computeClashes, computeRefusals, failuresText } from './refusals.ts'
import { stepHooks } from './step-hooks.ts'
import type { DeliveryEffect, PreparedObject } from './types.ts'
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

/** As Helm does it: what is in `crds/` of a chart is there before its first hook, which may already use it. */
export function preHooks(work: Work): PhaseStep {
  const rounds = roundsOf(work, 'pre')
  const { attempt } = work
  const starts = attempt.hook === undefined && planned(work, rounds).some(({ id }) => !attempt.hooksDone.includes(id))
  const definitions = starts ? objectsToWrite(work).filter(({ fromCrdFolder }) => fromCrdFolder) : []
  if (definitions.length > 0) {
    const written = writeObjects(work, `definitions/${work.id}/${attempt.failures}`, definitions, definitions)
    if (written !== 'written') return written
  }
  return stepRound(work, rounds, 'pre', 'Applying')
}

export function postHooks(work: Work): PhaseStep {
  return stepRound(work, roundsOf(work, 'post'), 'post', 'Pruning')
}

/** A rollback never migrates, in whatever round: what was done to data was done for good. */
function planned({ desired }: Work, rounds: readonly HookRound[]): PlannedHook[] {
  const all = planHooks(rounds)
  return desired.rollback === true ? all.filter(({ hook }) => declaredMigration(hook.object) === undefined) : all
}

/** First time in this target: install; afterwards: upgrade, or rollback. Only what changes has hooks to run. */
function roundsOf(work: Work, when: 'pre' | 'post'): HookRound[] {
  const again = work.desired.rollback === true ? `${when}-rollback` : `${when}-upgrade`
  return changedComponents(work).flatMap(({ name, digest }): HookRound[] => {
    const set = work.sets.get(digest)
    const event = work.attempt.installs?.includes(name) === true ? `${when}-install` : again
    return set === undefined ? [] : [{ set, digest, event }]
  })
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
    planned: planned(work, rounds),
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
  const written = writeObjects(work, applyKey(work), objectsToWrite(work), work.prepared)
  if (written !== 'written') return written
  const { attempt, now } = work
  return { go: 'WaitingHealth', attempt: { ...attempt, writtenAt: attempt.writtenAt ?? now } }
}

/** Writes objects, after the inventory that names all of `listed`: nothing is ever there that is not in it. */
function writeObjects(
  work: Work,
  key: string,
  objects: readonly PreparedObject[],
  listed: readonly PreparedObject[],
): PhaseStep | 'written' {
  const { attempt, id, uid, observed, inventory } = work
  const covered = coversUnion(inventory, id, listed)
  const union = covered ? inventory : unionInventory(inventory, uid, id, listed)
  const result = observed.results.get(key)
  if (covered && result?.kind === 'applied') {
    return result.failures.length === 0 ? 'written' : { fail: failuresText(result.failures), attempt, act: [] }
  }
  const unionKey = `union/${id}/${attempt.failures}/${union.epoch}`
  const refused = observed.results.get(unionKey)
  if (refused?.kind === 'refused') return { fail: refused.message, attempt, act: [] }
  const effects: DeliveryEffect[] = []
  if (!covered) effects.push({ kind: 'writeInventory', key: unionKey, inventory: union })
  // once a component was applied, it has what it took over
  const arrives = objects.some(({ component }) => inventory?.components[component] === undefined)
  const takeOver = work.forced || (observed.adopt && arrives)
  if (objects.length > 0) {
    effects.push({ kind: 'apply', key, waves: computeWaves(objects), inventory: union, takeOver })
  }
  if (effects.length === 0) return 'written'
  return { act: effects, waitingFor: `${count(objects.length, 'object')} being written` }
}

export const applyKey = ({ id, attempt }: Pick<Work, 'id' | 'attempt'>): string => `apply/${id}/${attempt.failures}`

/**
 * How long health is waited for (Helm's own default with `--wait`). Then the work goes on all the same: what is ill stays
 * so in the status, and post hooks, what is to be pruned, the Helm record and other targets no longer wait for it.
 */
const healthSeconds = 300

/** How long an object may be unseen after it was written, before it counts as gone again. */
const unseenSeconds = 10

/** Only what was seen counts: an object is looked at when the watch is not behind the write. */
export function waitingHealth(work: Work): PhaseStep {
  const { prepared, observed, live, object, now, attempt } = work
  // an attempt of before this was written down has its time from now on
  if (attempt.writtenAt === undefined) return { go: 'WaitingHealth', attempt: { ...attempt, writtenAt: now } }
  if (secondsBetween(attempt.writtenAt, now) >= healthSeconds) return { go: 'PostHooks' }
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
