import { type Rollout, type RolloutTarget, type StepRecord, type TargetRef, targetKey } from '@flotilla/model'
import {
  changeTargets,
  isInHand,
  isPassed,
  mayBegin,
  type May,
  mayNot,
  type Progress,
  type Run,
  stageStatus,
  toTarget,
} from './run.ts'
import { takesBack } from './taken-back.ts'
import { eachRecord, runsOutside } from './steps.ts'

export type Claim = NonNullable<NonNullable<Rollout['status']>['claim']>

/** The older of two runs: the one that was made first, by name where that is the same second. */
export function isOlder(one: Rollout, other: Rollout): boolean {
  const [a, b] = [one.metadata.creationTimestamp ?? '', other.metadata.creationTimestamp ?? '']
  return a === b ? one.metadata.name < other.metadata.name : a < b
}

const hasBegun = (rollout: Rollout): boolean => rollout.status?.snapshot !== undefined

/** Whether a run that has begun still has this target: it is at work on it, may come back to it, or may take it back. */
export function holds(status: NonNullable<Rollout['status']>, key: string): boolean {
  const target = status.targets?.find((one) => targetKey(one) === key)
  if (target === undefined || target.phase === 'Skipped') return false
  const stage = status.stages?.find(({ name }) => name === target.stage)
  // what failed may be retried, also when its stage was passed
  return !(target.phase === 'Succeeded' && stage !== undefined && isPassed(stage))
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
      if (takesBack(object, name)) return mayNot(`the rollout ${name}, which it takes back, to end`)
      const held = [...keys].find((key) => holds(status, key))
      if (held === undefined) continue
      const state = status.phase === 'Paused' ? ', which is paused,' : ''
      return mayNot(`the rollout ${name}${state} to ${replaces ? 'give up' : 'be done with'} ${held}`)
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
 * run are let end first; one that is decided here, such as an approval, would never, and ends when nothing is left for it.
 */
export function giveUpTargets(run: Run, progress: Progress): Progress {
  const { others } = run.observed
  if (!others.known) return progress
  const takers = others.value.filter(
    (other) => other.metadata.name !== run.name && other.status?.claim !== undefined && !hasBegun(other),
  )
  if (takers.length === 0) return progress
  const status = { stages: [...progress.stages], targets: [...progress.targets] }
  const atWork = recordsAtWork(run, progress)
  const isAtWork = ({ steps }: { readonly steps?: readonly StepRecord[] | undefined }): boolean =>
    steps?.some((record) => atWork.has(record)) === true
  return changeTargets(progress, (target) => {
    const key = targetKey(target)
    const stage = stageStatus(progress, target.stage)
    if (!holds(status, key) || isAtWork(target) || (stage !== undefined && isAtWork(stage))) return target
    const taker = takers.find(({ status }) => takes(status?.claim, target))
    return taker === undefined ? target : giveUp(run, target, taker.metadata.name)
  })
}

function recordsAtWork(run: Run, progress: Progress): ReadonlySet<StepRecord> {
  const found = new Set<StepRecord>()
  for (const { context, record } of eachRecord(run, progress))
    if (isInHand(record) && runsOutside(context.step)) found.add(record)
  return found
}

function takes(claim: Claim | undefined, target: RolloutTarget): boolean {
  if (claim === undefined || !claim.targets.some((one) => targetKey(one) === targetKey(target))) return false
  return claim.whenBusy === 'Replace' || target.phase === 'Deferred'
}

function giveUp(run: Run, target: RolloutTarget, taker: string): RolloutTarget {
  const message = `It was ${target.phase}; the rollout ${taker} takes it.`
  const given = toTarget(target, 'Skipped', run.now, message)
  // what was left for later was done with, as far as this run could
  return target.phase === 'Deferred' ? given : { ...given, takenBy: taker }
}
