import type { ReleaseDetail, RolloutDetail, RolloutTargetView } from '@flotilla/api'
import { endedRun, isUnderWay } from './ended-run.ts'
import { waitingApprovals } from './step-place.ts'

export type ReleaseActionName = 'freeze' | 'start' | 'approve' | 'pause' | 'resume' | 'abort' | 'rollBack' | 'reject'

/** What stands in the head of a release by what it is at, the main one last. `run` is the one that is shown. */
export function offerActions(
  detail: Pick<ReleaseDetail, 'phase' | 'rollouts' | 'targetList'>,
  run: RolloutDetail | undefined,
): readonly ReleaseActionName[] {
  if (run !== undefined && !endedRun(run.phase)) {
    const moving = run.phase === 'Paused' ? 'resume' : 'pause'
    const back = run.action === 'Rollback' ? [] : (['rollBack'] as const)
    if (waitingApprovals(run).length > 0) return [...back, 'abort', moving, 'approve']
    if (run.phase === 'Paused') return [moving, 'abort', ...back]
    return [...back, 'abort', moving]
  }
  switch (detail.phase) {
    case 'Draft':
      return ['reject', 'freeze']
    case 'Frozen':
      return ['approve', 'start']
    case 'Active':
      return ['rollBack']
    case 'Rolling':
      if (run === undefined || isUnderWay(detail)) return ['pause']
      // it ended half-way: some targets have it
      return run.action === 'Release' && hasBegun(run, detail) ? ['start', 'rollBack'] : ['start']
    case 'Superseded':
    case 'RolledBack':
      return ['start']
    case 'Rejected':
      return []
    default:
      return detail.phase satisfies never
  }
}

/** Whether a run has changed a target, or is about to. */
export const hasBegun = (run: RolloutDetail, detail: Pick<ReleaseDetail, 'targetList'>): boolean =>
  run.stages.some(({ targets }) => targets.some((target) => mayHave(target, detail)))

/** Whether something of the run may be in a target, also what an earlier run of the same release brought. */
export function mayHave(target: RolloutTargetView, { targetList }: Pick<ReleaseDetail, 'targetList'>): boolean {
  const { cluster, namespace, phase, digest, before } = target
  if (!['Pending', 'PreHooks', 'Skipped', 'Deferred', 'RolledBack'].includes(phase)) return true
  const row = targetList.find((one) => one.cluster === cluster && one.namespace === namespace)
  return digest !== before && row?.running === digest
}
