import type { RolloutDetail } from '@flotilla/api'

export type RolloutVerdict = 'good' | 'bad' | 'stopped' | 'on'

/** How a run stands: ended as wanted, ended otherwise, paused by itself, or on its way. */
export function judgeRollout({
  phase,
  action,
  paused,
}: Pick<RolloutDetail, 'phase' | 'action' | 'paused'>): RolloutVerdict {
  switch (phase) {
    case 'Succeeded':
      return 'good'
    case 'RolledBack':
      return action === 'Rollback' ? 'good' : 'bad'
    case 'Failed':
    case 'Aborted':
    case 'RollbackFailed':
      return 'bad'
    case 'Paused':
      return paused === undefined ? 'stopped' : 'on'
    case 'Pending':
    case 'Running':
      return 'on'
    default:
      return phase satisfies never
  }
}
