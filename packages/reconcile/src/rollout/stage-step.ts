import { type RolloutStage, type RolloutTarget, targetKey } from '@flotilla/model'
import { advanceSteps } from './advance-steps.ts'
import { askedSteps, isApart } from './asked-steps.ts'
import { computePlaces } from './places.ts'
import {
  changeStage,
  changeTargets,
  clip,
  documentTarget,
  isDone,
  isFailed,
  isInHand,
  isPassed,
  later,
  type May,
  type Progress,
  type Run,
  type StagePlan,
  stageStatus,
  targetsOf,
  toStage,
} from './run.ts'
import { seeCluster } from './sights.ts'
import { placeOf, runsInMember, runsOutside, type StepContext, type StepListName } from './steps.ts'
import { stepTarget } from './target-step.ts'
import { computeOpen } from './windows.ts'

/**
 * Takes the stages as far as they get: `may` false only looks, so that a failure is known before anything more begins. Stages
 * that were passed are gone through too, for targets that were left for later.
 */
export function stepStages(run: Run, before: Progress, may: May): Progress {
  let progress = before
  for (const stage of run.stages) {
    progress = stepStage(run, stage, progress, may)
    const status = stageStatus(progress, stage.name)
    if (status === undefined || !isPassed(status)) break
  }
  return progress
}

function stepStage(run: Run, stage: StagePlan, before: Progress, may: May): Progress {
  const { now } = run
  const phaseOf = (progress: Progress): RolloutStage['phase'] | undefined => stageStatus(progress, stage.name)?.phase
  const go = (progress: Progress, phase: RolloutStage['phase']): Progress =>
    changeStage(progress, stage.name, (status) => toStage(status, phase, now))
  let progress = before
  if (phaseOf(progress) === 'Pending') {
    if (!may.begin) return progress
    if (isApart(progress, stage) && !asksAny(run, stage, progress)) return go(progress, 'Succeeded')
    const deadlineAt = later(now, stage.spec.deadlineSeconds)
    progress = changeStage(go(progress, 'Before'), stage.name, (status) => ({ ...status, startedAt: now, deadlineAt }))
  }
  if (phaseOf(progress) === 'Before') {
    const walk = stepList(run, stage, progress, 'before', may)
    progress = walk.progress
    if (!walk.done || !may.begin) return progress
    progress = go(progress, 'Targets')
  }
  progress = stepTargets(run, stage, progress, may)
  const left = targetsOf(progress, stage.name).every(isLeft)
  if (phaseOf(progress) === 'Targets' && left && may.begin) progress = go(progress, 'After')
  if (phaseOf(progress) === 'After') {
    const walk = stepList(run, stage, progress, 'after', may)
    progress = walk.progress
    if (walk.done && may.begin)
      progress = go(progress, targetsOf(progress, stage.name).some(isFailed) ? 'Failed' : 'Succeeded')
  }
  const rolledBack = phaseOf(progress) === 'RollingBack' && targetsOf(progress, stage.name).every(isDone)
  // it keeps saying why it went back
  return rolledBack
    ? changeStage(progress, stage.name, (status) => toStage(status, 'RolledBack', now, status.message))
    : progress
}

/** A stage does not wait for it any more. */
const isLeft = (target: RolloutTarget): boolean => isDone(target) || target.phase === 'Deferred'

const asksAny = (run: Run, stage: StagePlan, progress: Progress): boolean =>
  (['before', 'after'] as const).some((list) => askedSteps(run, progress, stage, undefined, list).length > 0)

function stepList(run: Run, stage: StagePlan, progress: Progress, list: StepListName, may: May) {
  const status = stageStatus(progress, stage.name)
  const records = status?.steps ?? []
  const steps = askedSteps(run, progress, stage, undefined, list)
  // what began before its targets were left out is let end first
  const begun = records.some((record) => isInHand(record) && !steps.some(({ name }) => name === record.name))
  if (begun) return { progress, done: false }
  const walk = advanceSteps({
    run,
    stage,
    target: undefined,
    list,
    steps,
    records,
    may: (context) => (may.begin ? mayBeginStep(context) : may),
  })
  const changed = changeStage(progress, stage.name, ({ waitingFor: _waitingFor, ...one }) => ({
    ...one,
    ...(walk.state === 'open' ? { waitingFor: clip(walk.waitingFor, 512) } : {}),
    ...(walk.records === records ? {} : { steps: [...walk.records] }),
  }))
  return { progress: changed, done: walk.state === 'done' }
}

function mayBeginStep(context: StepContext): May {
  const { run, list, step } = context
  const place = placeOf(context)
  if (runsInMember(step) && place !== undefined) {
    const cluster = seeCluster(run, place.cluster)
    if (!cluster.here) return { begin: false, why: cluster.why }
  }
  // people may be asked at night; what changes something waits for the window as its targets do
  return list === 'before' && runsOutside(step) ? computeOpen(run) : { begin: true }
}

function stepTargets(run: Run, stage: StagePlan, progress: Progress, may: May): Progress {
  const status = stageStatus(progress, stage.name)
  if (status === undefined || status.phase === 'Pending' || status.phase === 'Before') return progress
  const targets = targetsOf(progress, stage.name)
  const deadlineAt = status.deadlineAt ?? later(run.now, stage.spec.deadlineSeconds)
  const passed = isPassed(status)
  const open = computeOpen(run)
  const places = computePlaces(run, stage, targets)
  return changeTargets(progress, (target) => {
    const document = target.stage === stage.name && !isDone(target) ? documentTarget(run, target) : undefined
    if (document === undefined) return target
    return stepTarget({
      run,
      progress,
      stage,
      document,
      target,
      may,
      open,
      place: places.get(targetKey(target)) ?? { begin: false, why: 'its cluster' },
      // one that was left for later has the time of its stage from then on
      deadlineAt: passed ? later(target.since, stage.spec.deadlineSeconds) : deadlineAt,
    })
  })
}
