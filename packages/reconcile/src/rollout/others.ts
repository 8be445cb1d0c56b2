import { type Rollout, type RolloutStage, type RolloutTarget, type TargetRef, targetKey } from '@flotilla/model'
import {
  changeTargets,
  hasStepInHand,
  isPassed,
  mayBegin,
  type May,
  mayNot,
  type Progress,
  type Run,
  stageStatus,
  toTarget,
} from './run.ts'

export type Claim = NonNullable<NonNullable<Rollout['status']>['claim']>

/** The older of two runs: the one that was made first, by name where that is the same second. */
export function isOlder(one: Rollout, other: Rollout): boolean {
  const [a, b] = [one.metadata.creationTimestamp ?? '', other.metadata.creationTimestamp ?? '']
  return a === b ? one.metadata.name < other.metadata.name : a < b
}

const hasBegun = (rollout: Rollout): boolean => rollout.status?.snapshot !== undefined

/** Whether a run that has begun still has this target: it is at work on it, may come back to it, or may take it back. */
function holds(stages: readonly RolloutStage[] | undefined, target: RolloutTarget): boolean {
  if (target.phase === 'Skipped') return false
  const stage = stages?.find(({ name }) => name === target.stage)
  const kept = target.phase === 'Succeeded' || target.phase === 'RolledBack' || target.phase === 'RollbackFailed'
  return !(kept && stage !== undefined && isPassed(stage))
}

function claims(rollout: Rollout, keys: ReadonlySet<string>): boolean {
  const named: readonly TargetRef[] | undefined = rollout.status?.claim?.targets ?? rollout.spec.targets
  return named === undefined || named.some((target) => keys.has(targetKey(target)))
}

/**
 * Whether it is this run's turn: at most one run that has not ended writes a target. Runs that have begun are waited for;
 * of those that have not, one that replaces goes first (the newest of several), then the oldest.
 */
export function computeTurn(object: Rollout, claim: Claim, others: readonly Rollout[]): May {
  const keys = new Set(claim.targets.map(targetKey))
  const replaces = claim.whenBusy === 'Replace'
  for (const other of others) {
    const { name } = other.metadata
    if (name === object.metadata.name) continue
    if (other.status !== undefined && hasBegun(other)) {
      const { status } = other
      const held = status.targets?.find((target) => keys.has(targetKey(target)) && holds(status.stages, target))
      if (held === undefined) continue
      const state = status.phase === 'Paused' ? ', which is paused,' : ''
      return mayNot(`the rollout ${name}${state} to ${replaces ? 'give up' : 'be done with'} ${targetKey(held)}`)
    }
    if (!claims(other, keys)) continue
    const otherReplaces = other.status?.claim?.whenBusy === 'Replace'
    const first = replaces ? otherReplaces && isOlder(object, other) : otherReplaces || isOlder(other, object)
    if (first) return mayNot(`the rollout ${name}, which goes before it`)
  }
  return mayBegin
}

/** Runs that have begun and whose targets this one takes. */
export function findReplaced(claim: Claim, others: readonly Rollout[], own: string): string[] {
  if (claim.whenBusy !== 'Replace') return []
  const keys = new Set(claim.targets.map(targetKey))
  return others
    .filter(({ metadata, status }) => metadata.name !== own && status?.targets?.some((one) => keys.has(targetKey(one))))
    .map(({ metadata }) => metadata.name)
}

/**
 * Gives up what newer runs take: all of what one that replaces names, and of others what was left for later. Steps that
 * run are let end first.
 */
export function giveUpTargets(run: Run, progress: Progress): Progress {
  const { others } = run.observed
  if (!others.known) return progress
  const takers = others.value.filter(
    (other) => other.metadata.name !== run.name && other.status?.claim !== undefined && !hasBegun(other),
  )
  if (takers.length === 0) return progress
  const wanted = takers.map(({ metadata, status }) => ({
    name: metadata.name,
    replaces: status?.claim?.whenBusy === 'Replace',
    keys: new Set(status?.claim?.targets.map(targetKey)),
  }))
  return changeTargets(progress, (target) => {
    const stage = stageStatus(progress, target.stage)
    if (!holds(progress.stages, target) || hasStepInHand(target) || (stage !== undefined && hasStepInHand(stage)))
      return target
    const taker = wanted.find(
      ({ keys, replaces }) => keys.has(targetKey(target)) && (replaces || target.phase === 'Deferred'),
    )
    return taker === undefined ? target : giveUp(run, target, taker.name)
  })
}

function giveUp(run: Run, target: RolloutTarget, taker: string): RolloutTarget {
  const message = `It was ${target.phase}; the rollout ${taker} takes it.`
  const given = toTarget(target, 'Skipped', run.now, message)
  // what was left for later was done with, as far as this run could
  return target.phase === 'Deferred' ? given : { ...given, takenBy: taker }
}
