import type { ReleaseDetail, RolloutDetail } from '@flotilla/api'
import { endedRun, isUnderWay } from './ended-run.ts'
import { listSteps, type PlacedStep, type StepPlace, waitingApprovals, writePlace } from './step-place.ts'

/** What a yes or no is asked for. `over`: the step that was meant does not wait any more, and nothing else takes its place. */
export type AskedApproval =
  | { readonly of: 'step'; readonly step: PlacedStep; readonly run: RolloutDetail }
  | { readonly of: 'release' }
  | { readonly of: 'over' }

/** What was meant when the dialog was opened; it stays that, whatever begins or ends meanwhile. */
export interface MeantApproval {
  readonly run: string | undefined
  readonly place: StepPlace | undefined
}

/** Without a place the step that waits first is meant. */
export function meantApproval(run: RolloutDetail | undefined, place: StepPlace | undefined): MeantApproval {
  return { run: run?.name, place: place ?? waitingApprovals(run)[0]?.place }
}

/** Finds what was meant in the run as it is now. The whole release is approved only while nothing of it is under way. */
export function findApproval(
  { run: name, place }: MeantApproval,
  run: RolloutDetail | undefined,
  detail: Pick<ReleaseDetail, 'rollouts'>,
): AskedApproval {
  const runs = run !== undefined && !endedRun(run.phase)
  if (place === undefined) return runs || isUnderWay(detail) ? { of: 'over' } : { of: 'release' }
  if (!runs || run.name !== name) return { of: 'over' }
  const step = listSteps(run).find((one) => isOpen(one) && writePlace(one.place) === writePlace(place))
  return step === undefined ? { of: 'over' } : { of: 'step', step, run }
}

/** Who rejected a step may approve it after all: the newest word of each person counts. */
const isOpen = ({ view: { type, phase } }: PlacedStep): boolean =>
  type === 'approval' && (phase === 'Running' || phase === 'Intended' || phase === 'Failed')

/** What a yes or no is said to. */
export interface ApprovedContent {
  /** It is the release's difference the other way round. */
  readonly back: boolean
  /** What the answer names; undefined while it is not known. */
  readonly digest: string | undefined
  /** Whose word may count for nothing, as it is their own work. */
  readonly writers: ReleaseDetail['authors']
  /** Undefined: all that the release has. */
  readonly targets: RolloutDetail['stages'][number]['targets'] | undefined
}

/** A rollback writes other content than its release, to targets of its own, and whoever started it is its author. */
export function contentOf(
  { writers, authors }: Pick<ReleaseDetail, 'writers' | 'authors'>,
  asked: AskedApproval,
  shown: { readonly digest?: string | undefined } | undefined,
): ApprovedContent {
  if (asked.of !== 'step' || asked.run.action !== 'Rollback')
    return { back: false, digest: shown?.digest, writers: writers ?? authors, targets: undefined }
  const { digest, author, stages } = asked.run
  return {
    back: true,
    digest: shown === undefined ? undefined : digest,
    writers: [author],
    targets: stages.flatMap(({ targets }) => targets),
  }
}
