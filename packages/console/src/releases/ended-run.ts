import type { ReleaseDetail } from '@flotilla/api'

const ended = new Set<string>(['Succeeded', 'Failed', 'Aborted', 'RolledBack', 'RollbackFailed'])

/** Whether a run in this phase goes on no more. */
export const endedRun = (phase: string): boolean => ended.has(phase)

/** Whether a run of a release goes on, whichever of them is looked at. */
export const isUnderWay = ({ rollouts }: Pick<ReleaseDetail, 'rollouts'>): boolean =>
  rollouts.some(({ phase }) => !endedRun(phase))
