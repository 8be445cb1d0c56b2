import {
  kindOfStep,
  type RolloutDocumentTarget,
  type Step,
  type StepKind,
  type StepRecord,
  targetKey,
} from '@flotilla/model'
import { bringsNothing, clip, documentTarget, isInHand, type Progress, type Run, type StagePlan } from './run.ts'
import type { StepInHand } from './types.ts'

export type StepListName = 'before' | 'after'

/** One step where it stands: of a stage, or of one of its targets. */
export interface StepContext {
  readonly run: Run
  readonly stage: StagePlan
  readonly target: RolloutDocumentTarget | undefined
  readonly list: StepListName
  readonly step: Step
}

/** Steps of a list that this run goes through: a rollback only those that name it, and never a migration. */
export function stepsOf(
  run: Run,
  { spec }: StagePlan,
  target: RolloutDocumentTarget | undefined,
  list: StepListName,
): Step[] {
  const { action } = run.document
  const steps = (target === undefined ? spec[list] : spec.each?.[list]) ?? []
  return steps.filter((step) => step.during.includes(action) && (action === 'Release' || !isMigration(step)))
}

export const isMigration = (step: Step): boolean => step.job?.migration !== undefined

/** Another run of it could do harm where nobody knows how the last one ended. */
export const isOnceOnly = (step: Step): boolean => step.job?.migration?.idempotent === false

/** Kinds that something outside runs; the others are decided here. */
const outside: ReadonlySet<StepKind> = new Set(['job', 'test', 'analysis', 'webhook'])
export const runsOutside = (step: Step): boolean => outside.has(kindOfStep(step))
/** Kinds whose every trace is in the member, so that one that vanished did not just lose its memory. */
export const runsInMember = (step: Step): boolean => step.job !== undefined || step.test !== undefined

export function findStep(
  run: Run,
  stage: StagePlan,
  target: RolloutDocumentTarget | undefined,
  name: string,
): StepContext | undefined {
  for (const list of ['before', 'after'] as const) {
    const step = stepsOf(run, stage, target, list).find((one) => one.name === name)
    if (step !== undefined) return { run, stage, target, list, step }
  }
  return undefined
}

/** Where a step runs; one of a stage where something of the application is to be, if it is anywhere. It follows from the document alone, so that a key never names runs in two places. */
export function placeOf({ stage, target, step }: StepContext): RolloutDocumentTarget | undefined {
  if (target !== undefined && step.job?.cluster === undefined) return target
  const named = stage.targets.filter(({ cluster }) => cluster === step.job?.cluster)
  return firstWithContent(named) ?? target ?? firstWithContent(stage.targets)
}

const firstWithContent = (targets: readonly RolloutDocumentTarget[]): RolloutDocumentTarget | undefined =>
  targets.find(({ want }) => !bringsNothing(want)) ?? targets[0]

export function computeStepInHand(context: StepContext, record: StepRecord): StepInHand | undefined {
  const { run, stage, target, list, step } = context
  const place = placeOf(context)
  if (place === undefined) return undefined
  const where = target === undefined ? '-/-' : targetKey(target)
  return {
    key: `${run.uid}/${stage.name}/${where}/${list}/${step.name}/${record.attempt}`,
    ref: {
      stage: stage.name,
      ...(target === undefined ? {} : { target: { cluster: target.cluster, namespace: target.namespace } }),
      step: step.name,
    },
    list,
    attempt: record.attempt,
    step,
    place,
    since: record.since,
  }
}

/** Every record of the run, with the step that it is of. */
export function* eachRecord(run: Run, progress: Progress): Generator<{ context: StepContext; record: StepRecord }> {
  for (const stage of run.stages) {
    const own = progress.stages.find(({ name }) => name === stage.name)?.steps ?? []
    for (const record of own) {
      const context = findStep(run, stage, undefined, record.name)
      if (context !== undefined) yield { context, record }
    }
  }
  for (const target of progress.targets) {
    if (target.steps === undefined) continue
    const stage = run.stages.find(({ name }) => name === target.stage)
    const place = documentTarget(run, target)
    if (stage === undefined || place === undefined) continue
    for (const record of target.steps) {
      const context = findStep(run, stage, place, record.name)
      if (context !== undefined) yield { context, record }
    }
  }
}

/** Changes records wherever they stand. */
export function changeRecords(
  run: Run,
  progress: Progress,
  change: (record: StepRecord, context: StepContext) => StepRecord,
): Progress {
  const changed = new Map<StepRecord, StepRecord>()
  for (const { context, record } of eachRecord(run, progress)) {
    const next = change(record, context)
    if (next !== record) changed.set(record, next)
  }
  if (changed.size === 0) return progress
  const swap = <Holder extends { readonly steps?: readonly StepRecord[] | undefined }>(holder: Holder): Holder =>
    holder.steps?.some((record) => changed.has(record)) === true
      ? { ...holder, steps: holder.steps.map((record) => changed.get(record) ?? record) }
      : holder
  return {
    ...progress,
    stages: progress.stages.map((stage) => swap(stage)),
    targets: progress.targets.map((target) => swap(target)),
  }
}

export function endStep(
  context: StepContext,
  record: StepRecord,
  phase: 'Succeeded' | 'Failed' | 'Uncertain' | 'Skipped',
  said: { readonly message?: string | undefined; readonly evidence?: readonly string[] | undefined } = {},
): StepRecord {
  const { step, run } = context
  const { waitingFor: _waitingFor, stopping: _stopping, message: _message, ...rest } = record
  const message = said.message
  return {
    ...rest,
    phase,
    endedAt: run.now,
    ...(message === undefined ? {} : { message: clip(message, 1024) }),
    ...(said.evidence === undefined ? {} : { evidence: said.evidence.slice(0, 20).map((text) => clip(text, 256)) }),
    ...(runsOutside(step) && isBegun(record) ? { held: true } : {}),
    ...(phase === 'Skipped' && mayHaveRun(context, record) ? { ran: true } : {}),
  }
}

/** Something of it may be out there. */
const isBegun = (record: StepRecord): boolean =>
  isInHand(record) || record.phase === 'Uncertain' || record.held === true

/** Something of it may have been at work, in this attempt or in one before: going past it takes nothing of that back. */
export function mayHaveRun(context: StepContext, record: StepRecord): boolean {
  if (!runsOutside(context.step)) return false
  if (record.ran === true) return true
  if (record.ranBefore === true) return false
  if (record.job !== undefined) return true
  if (record.phase === 'Intended') return !isKnownAbsent(context, record)
  return record.phase !== 'Skipped'
}

/** It was looked for, and nothing of it is there. */
export function isKnownAbsent(context: StepContext, record: StepRecord): boolean {
  const sight = context.run.observed.steps.get(computeStepInHand(context, record)?.key ?? '')
  return sight?.known === true && sight.value.state === 'absent'
}

/** What is waited for, with why it was not done yet. */
export function withTrouble(context: StepContext, record: StepRecord, text: string): string {
  const trouble = context.run.observed.troubles.get(computeStepInHand(context, record)?.key ?? '')
  return trouble === undefined ? text : `${text}; the last try failed: ${trouble}`
}

/** `job migrate` */
export const stepText = (step: Step): string => `${kindOfStep(step)} ${step.name}`
