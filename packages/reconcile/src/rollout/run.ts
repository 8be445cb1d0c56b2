import {
  type Rollout,
  type RolloutDocument,
  type RolloutDocumentTarget,
  type RolloutStage,
  type RolloutStatus,
  type RolloutTarget,
  type Stage,
  type StepRecord,
  targetKey,
  type WantedSet,
} from '@flotilla/model'
import type { RolloutObserved } from './types.ts'

/** A stage of the plan with its targets, in the order in which they begin. */
export interface StagePlan {
  readonly name: string
  readonly spec: Stage
  readonly targets: readonly RolloutDocumentTarget[]
}

/** What one pass looks at. It does not change while the pass lasts. */
export interface Run {
  readonly object: Rollout
  readonly observed: RolloutObserved
  readonly now: string
  readonly name: string
  readonly uid: string
  readonly document: RolloutDocument
  readonly stages: readonly StagePlan[]
  /** Targets of the document by key. */
  readonly places: ReadonlyMap<string, RolloutDocumentTarget>
}

/** What a pass changes: the part of the status that says how far the run is. */
export interface Progress {
  readonly stages: readonly RolloutStage[]
  readonly targets: readonly RolloutTarget[]
  readonly seen: NonNullable<RolloutStatus['seen']>
}

/** Whether something new may begin now; if not, what it waits for. */
export type May = { readonly begin: true } | { readonly begin: false; readonly why: string }

export const mayBegin: May = { begin: true }
export const mayNot = (why: string): May => ({ begin: false, why })

export function openRun(
  object: Rollout,
  observed: RolloutObserved,
  now: string,
  document: RolloutDocument,
): { readonly run: Run; readonly progress: Progress } {
  const stages = document.plan.stages.map((spec) => ({
    name: spec.name,
    spec,
    targets: document.targets.filter(({ stage }) => stage === spec.name),
  }))
  const { name, uid = '' } = object.metadata
  const status = object.status
  const progress = {
    stages: status?.stages ?? stages.map(({ name }) => ({ name, phase: 'Pending' as const, since: now })),
    targets: status?.targets ?? document.targets.map((target) => beginTarget(target, now)),
    seen: status?.seen ?? { resumed: 0, ids: [] },
  }
  const places = new Map(document.targets.map((target) => [targetKey(target), target]))
  return { run: { object, observed, now, name, uid, document, stages, places }, progress }
}

function beginTarget({ cluster, namespace, environment, ...target }: RolloutDocumentTarget, now: string) {
  return {
    cluster,
    namespace,
    ...(environment === undefined ? {} : { environment }),
    delivery: target.delivery,
    stage: target.stage,
    digest: target.want?.digest ?? '',
    ...(target.before === undefined ? {} : { before: target.before.digest }),
    phase: 'Pending' as const,
    attempt: 0,
    since: now,
  }
}

export const documentTarget = ({ places }: Run, target: RolloutTarget): RolloutDocumentTarget | undefined =>
  places.get(targetKey(target))

export const stageStatus = (progress: Progress, name: string): RolloutStage | undefined =>
  progress.stages.find((stage) => stage.name === name)

export const targetsOf = (progress: Progress, stage: string): RolloutTarget[] =>
  progress.targets.filter((target) => target.stage === stage)

export function changeStage(progress: Progress, name: string, change: (stage: RolloutStage) => RolloutStage): Progress {
  return { ...progress, stages: progress.stages.map((stage) => (stage.name === name ? change(stage) : stage)) }
}

export function changeTargets(progress: Progress, change: (target: RolloutTarget) => RolloutTarget): Progress {
  return { ...progress, targets: progress.targets.map((target) => change(target)) }
}

export const isInHand = ({ phase }: StepRecord): boolean => phase === 'Intended' || phase === 'Running'
export const hasStepInHand = ({ steps }: { readonly steps?: readonly StepRecord[] | undefined }): boolean =>
  steps?.some(isInHand) === true

/** Nothing of the application is to be there: the target left it, or had nothing of it before. */
export const bringsNothing = (set: Pick<WantedSet, 'components'> | undefined): boolean =>
  set === undefined || set.components.length === 0

/** How long a target stays well before it counts. A way back waits for no soak: what is left has the bad version. */
export const soakSecondsOf = ({ document }: Run, { spec }: StagePlan): number =>
  document.action === 'Rollback' ? 0 : spec.soakSeconds

/** A target that nothing more happens to, unless a person asks for it. */
const doneTargets: ReadonlySet<RolloutTarget['phase']> = new Set([
  'Succeeded',
  'Failed',
  'Skipped',
  'RolledBack',
  'RollbackFailed',
])
export const isDone = ({ phase }: RolloutTarget): boolean => doneTargets.has(phase)
export const isFailed = ({ phase }: RolloutTarget): boolean =>
  phase === 'Failed' || phase === 'RolledBack' || phase === 'RollbackFailed'

/** A stage that no longer keeps the next one from beginning. */
export const isPassed = ({ phase }: RolloutStage): boolean =>
  phase === 'Succeeded' || phase === 'Failed' || phase === 'RolledBack'

export const secondsSince = (since: string, now: string): number => (Date.parse(now) - Date.parse(since)) / 1000
export const later = (time: string, seconds: number): string =>
  new Date(Date.parse(time) + seconds * 1000).toISOString()

export function toTarget(
  target: RolloutTarget,
  phase: RolloutTarget['phase'],
  now: string,
  message?: string,
): RolloutTarget {
  const { waitingFor: _waitingFor, message: _message, ...rest } = target
  return { ...rest, phase, since: now, ...(message === undefined ? {} : { message: clip(message, 1024) }) }
}

export function toStage(stage: RolloutStage, phase: RolloutStage['phase'], now: string, message?: string) {
  const { message: _message, waitingFor: _waitingFor, ...rest } = stage
  return { ...rest, phase, since: now, ...(message === undefined ? {} : { message: clip(message, 1024) }) }
}

export const clip = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`
