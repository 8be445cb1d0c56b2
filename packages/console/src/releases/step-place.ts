import type { ReleaseDetail, RolloutDetail, StepView } from '@flotilla/api'

/** Names a stage, one of its targets, or a step of either, in the address: `stage~step`, `stage~cluster~namespace~step`. */
export interface StepPlace {
  readonly stage: string
  readonly target?: { readonly cluster: string; readonly namespace: string }
  /** Absent: the target as a whole. */
  readonly step?: string
}

export function writePlace({ stage, target, step = '' }: StepPlace): string {
  return [stage, target?.cluster ?? '', target?.namespace ?? '', step].join('~')
}

export function readPlace(text: string): StepPlace | undefined {
  const [stage = '', cluster = '', namespace = '', step = ''] = text.split('~')
  if (stage === '') return undefined
  return {
    stage,
    ...(cluster === '' ? {} : { target: { cluster, namespace } }),
    ...(step === '' ? {} : { step }),
  }
}

/** For a person: `smoke · west`. */
export function placeWords(
  { stage, target, step }: StepPlace,
  nameOf: (target: NonNullable<StepPlace['target']>) => string,
): string {
  const where = target === undefined ? (step === undefined ? stage : undefined) : nameOf(target)
  return [step, where].filter((word) => word !== undefined).join(' · ')
}

/** The fields of a request that names a place. */
export const placeFields = ({ stage, target, step }: StepPlace) => ({
  stage,
  ...target,
  ...(step === undefined ? {} : { step }),
})

export interface PlacedStep {
  readonly place: StepPlace
  readonly view: StepView
}

/** Every step of a run with where it belongs. */
export function listSteps(run: Pick<RolloutDetail, 'stages'>): PlacedStep[] {
  return run.stages.flatMap(({ name: stage, steps, targets }) => [
    ...steps.map((view) => ({ place: { stage, step: view.name }, view })),
    ...targets.flatMap(({ cluster, namespace, steps: own }) =>
      own.map((view) => ({ place: { stage, target: { cluster, namespace }, step: view.name }, view })),
    ),
  ])
}

/** Approvals that a run waits for now. */
export const waitingApprovals = (run: Pick<RolloutDetail, 'stages'> | undefined): PlacedStep[] =>
  run === undefined
    ? []
    : listSteps(run).filter(
        ({ view }) => view.type === 'approval' && (view.phase === 'Running' || view.phase === 'Intended'),
      )

/** Migrations that cannot be taken back, of the release's charts and of the plan that it goes by, run or still to run. */
export function irreversibleMigrations(
  { migrations }: Pick<ReleaseDetail, 'migrations'>,
  run: Pick<RolloutDetail, 'stages'> | undefined,
): string[] {
  const ofPlan = run === undefined ? [] : listSteps(run).map(({ view }) => view)
  return [...migrations, ...ofPlan].filter(({ reversible }) => reversible === false).map(({ name }) => name)
}
