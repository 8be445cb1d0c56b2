import {
  type FrozenMigration,
  type RolloutDocument,
  type RolloutTarget,
  type StepRecord,
  targetKey,
} from '@flotilla/model'
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
  return findIrreversibleHooks(run.document, only === undefined ? targetsOf(progress, stage.name) : [only])[0]?.name
}

/** Also one that failed, and one that a person went past after it had begun; not what somebody else had run before. */
export const mayHaveChanged = ({ phase, ran, ranBefore, job }: StepRecord): boolean =>
  ran === true || (ranBefore !== true && (phase !== 'Skipped' || job !== undefined))

/**
 * Hooks that cannot be taken back and that may have run in these targets: a Delivery runs only those of components that are
 * another than before, and only such a component goes back.
 */
export function findIrreversibleHooks(
  { migrations, targets }: Pick<RolloutDocument, 'migrations' | 'targets'>,
  among: readonly RolloutTarget[],
): FrozenMigration[] {
  const hooks = migrations.filter(({ reversible }) => !reversible)
  if (hooks.length === 0) return []
  const written = new Set(among.filter(({ writtenAt }) => writtenAt !== undefined).map(targetKey))
  const changed = new Set(
    targets
      .filter((target) => written.has(targetKey(target)))
      .flatMap(({ want, before }) => {
        const had = new Map(before?.components.map(({ name, digest }) => [name, digest]))
        return (want?.components ?? []).filter(({ name, digest }) => had.get(name) !== digest).map(({ name }) => name)
      }),
  )
  return hooks.filter(({ component }) => changed.has(component))
}
