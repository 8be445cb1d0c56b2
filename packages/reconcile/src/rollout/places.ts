import type { RolloutTarget } from '@flotilla/model'
import { nameSome } from '../name-some.ts'
import { targetKey } from '@flotilla/model'
import { documentTarget, isDone, type May, mayBegin, mayNot, type Run, type StagePlan } from './run.ts'
import { computeWritten, courseOf, seeCluster, seeDelivery } from './sights.ts'
import { movingPhases } from './target-step.ts'

/**
 * Which targets of a stage may change now, at most maxConcurrency. What was written goes before what has only begun, that
 * before what has not; one whose cluster is lost for long leaves its place to others until it is back.
 */
export function computePlaces(run: Run, stage: StagePlan, targets: readonly RolloutTarget[]): ReadonlyMap<string, May> {
  const places = new Map<string, May>()
  const wanting = targets
    .filter((target) => !isDone(target) && keepsPlace(run, target))
    .map((target, index) => ({ target, index, rank: rankOf(run, target) }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
  const { maxConcurrency } = stage.spec
  const holders = wanting.slice(0, maxConcurrency).map(({ target }) => target.cluster)
  const turn = mayNot(`its turn, ${maxConcurrency} at a time: ${nameSome(holders, 3)}`)
  for (const [at, { target }] of wanting.entries()) places.set(targetKey(target), at < maxConcurrency ? mayBegin : turn)
  return places
}

/** What moves keeps its place through a short loss; what has not begun takes none. */
function keepsPlace(run: Run, target: RolloutTarget): boolean {
  const cluster = seeCluster(run, target.cluster)
  return cluster.here || (!cluster.gone && movingPhases.has(target.phase))
}

function rankOf(run: Run, target: RolloutTarget): number {
  if (!movingPhases.has(target.phase)) return 3
  if (target.phase === 'PreHooks') return 2
  if (target.phase !== 'RollingBack') return 0
  const document = documentTarget(run, target)
  const delivery = seeDelivery(run, target)
  if (document === undefined || !delivery.known) return 1
  return computeWritten(run, courseOf(run, target, document), delivery.value) === 'written' ? 0 : 1
}
