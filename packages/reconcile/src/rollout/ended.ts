import type { RolloutPhase } from '@flotilla/model'
import { closeStages, isAnythingInHand } from './closing.ts'
import { type Pause, rollingBack } from './failures.ts'
import { isDone, isFailed, isPassed, type Progress, type Run } from './run.ts'

export interface End {
  readonly phase: Extract<RolloutPhase, 'Succeeded' | 'Failed' | 'Aborted' | 'RolledBack' | 'RollbackFailed'>
  readonly reason: string
  readonly message: string
  readonly progress: Progress
}

/** Why a run is to end before it is through, and what that makes of it. */
export interface Closing {
  readonly reason: 'Aborted' | 'Deleted' | 'Replaced'
  readonly message: string
}

export function computeClosing({ metadata, spec }: Run['object']): Closing | undefined {
  const { abort } = spec.control
  if (abort !== undefined) return { reason: 'Aborted', message: `${abort.by} aborted it: ${abort.reason}` }
  return metadata.deletionTimestamp === undefined ? undefined : { reason: 'Deleted', message: 'It is being deleted.' }
}

/** Whether the run is over. It never is while a step of it is at work. */
export function computeEnd(
  run: Run,
  progress: Progress,
  closing: Closing | undefined,
  pause: Pause | undefined,
): End | undefined {
  if (isAnythingInHand(progress) || !progress.targets.every(isDone)) return undefined
  if (closing !== undefined)
    return { phase: 'Aborted', ...closing, progress: closeStages(run, progress, closing.message) }
  const back = rollingBack(progress)
  if (back !== undefined) {
    const why = `The stage ${back.name} went back: ${back.message ?? 'targets of it failed'}`
    return { phase: 'Failed', reason: 'StageRolledBack', message: why, progress: closeStages(run, progress, why) }
  }
  if (pause !== undefined || !progress.stages.every(isPassed)) return undefined
  return { ...outcomeOf(run, progress), progress }
}

function outcomeOf({ document }: Run, { targets }: Progress): Omit<End, 'progress'> {
  const failed = targets.filter(isFailed).length
  const taker = targets.find(({ takenBy }) => takenBy !== undefined)?.takenBy
  const back = document.action === 'Rollback'
  const total = `${targets.length} target${targets.length === 1 ? '' : 's'}`
  if (taker !== undefined)
    return { phase: 'Aborted', reason: 'Replaced', message: `The rollout ${taker} took its targets.` }
  if (failed > 0) {
    const message = `${failed} of ${total} failed.`
    return { phase: back ? 'RollbackFailed' : 'Failed', reason: 'TargetsFailed', message }
  }
  const skipped = targets.filter(({ phase }) => phase === 'Skipped').length
  const but = skipped === 0 ? '' : ` ${skipped} of them skipped.`
  return back
    ? { phase: 'RolledBack', reason: 'Done', message: `${total} went back.${but}` }
    : { phase: 'Succeeded', reason: 'Done', message: `${total} done.${but}` }
}
