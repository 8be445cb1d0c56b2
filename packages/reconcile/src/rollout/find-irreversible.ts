import { type RolloutTarget, type StepRecord, targetKey } from '@flotilla/model'
import { type Progress, type Run, type StagePlan, targetsOf } from './run.ts'
import { eachRecord } from './steps.ts'

/**
 * A migration of a stage, or of one of its targets, that may have run and cannot be taken back: automation does not go back
 * past it. Undefined: there is none.
 */
export function findIrreversible(
  run: Run,
  progress: Progress,
  stage: StagePlan,
  only?: RolloutTarget,
): string | undefined {
  for (const { context, record } of eachRecord(run, progress)) {
    if (context.stage.name !== stage.name || context.step.job?.migration?.reversible !== false) continue
    const elsewhere =
      context.target !== undefined && only !== undefined && targetKey(context.target) !== targetKey(only)
    if (!elsewhere && mayHaveChanged(record)) return context.step.name
  }
  const hook = run.document.migrations.find(({ reversible }) => !reversible)
  const written = only === undefined ? targetsOf(progress, stage.name) : [only]
  return written.some(({ writtenAt }) => writtenAt !== undefined) ? hook?.name : undefined
}

/** Also one that failed, and one that a person went past after it had begun. */
export const mayHaveChanged = ({ phase, ran, job }: StepRecord): boolean =>
  phase !== 'Skipped' || ran === true || job !== undefined
