import { type Finding, type Rollout, type RolloutTarget, targetKey } from '@flotilla/model'
import { nameSome } from '../name-some.ts'
import { type Claim, holds } from './others.ts'
import type { Draft } from './plan-targets.ts'

const goingBack: ReadonlySet<RolloutTarget['phase']> = new Set(['RollingBack', 'RolledBack', 'RollbackFailed'])

/**
 * A run that queues behind one that is to leave something else in its targets than it was compared with: it waits, and is refused
 * when that one comes through. It may still be given up or taken back, so it is a warning.
 */
export function findWillMove({ targets }: Draft, { whenBusy }: Claim, others: readonly Rollout[]): Finding[] {
  if (whenBusy === 'Replace') return []
  const own = new Map(targets.map((target) => [targetKey(target), target]))
  return others.flatMap(({ metadata, status }): Finding[] => {
    if (status?.snapshot === undefined) return []
    const moving = (status.targets ?? []).filter((target) => {
      const mine = own.get(targetKey(target))
      // what is left for later is given up to a newer run
      if (mine === undefined || target.phase === 'Deferred' || !holds(status, targetKey(target))) return false
      const left = (goingBack.has(target.phase) ? target.before : target.digest) ?? ''
      return left !== (mine.expected ?? '') && left !== (mine.want?.digest ?? '')
    })
    if (moving.length === 0) return []
    const message = `It waits for the rollout ${metadata.name}, which brings something else to ${nameSome(moving.map(targetKey))} than the release was compared with: when that comes through, this one is refused. Freeze the release anew after it, or take its place by a plan with whenBusy: Replace.`
    return [{ severity: 'Warning', code: 'rollout.will_move', message, field: 'spec.release' }]
  })
}
