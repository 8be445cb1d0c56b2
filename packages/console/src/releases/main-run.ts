import type { ReleaseDetail } from '@flotilla/api'
import { endedRun } from './ended-run.ts'

type Runs = Pick<ReleaseDetail, 'phase' | 'rollout' | 'rollouts'>

/**
 * The run that a release is looked at and acted on by: its newest. Of what is out, the one that brought it: one that took back
 * a part of it, or that was refused, has nothing more to be done with.
 */
export function mainRun({ phase, rollout, rollouts }: Runs): string | undefined {
  const [first] = rollouts
  const newest = rollout?.name ?? first?.name
  const isOut = phase === 'Active' || phase === 'Rolling'
  if (!isOut || first === undefined || !endedRun(first.phase)) return newest
  return rollouts.find(({ action, startedAt }) => action === 'Release' && startedAt !== undefined)?.name ?? newest
}
