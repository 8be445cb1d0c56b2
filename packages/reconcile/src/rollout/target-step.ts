import type { OfflinePolicy, RolloutDocumentTarget, RolloutTarget, TargetPhase } from '@flotilla/model'
import { advanceSteps } from './advance-steps.ts'
import { askedSteps } from './asked-steps.ts'
import {
  bringsNothing,
  clip,
  later,
  type May,
  type Progress,
  type Run,
  secondsSince,
  soakSecondsOf,
  type StagePlan,
  toTarget,
} from './run.ts'
import { computeApplied, computeWell, computeWritten, courseOf, seeCluster, seeDelivery } from './sights.ts'
import type { StepListName } from './steps.ts'

export interface TargetWork {
  readonly run: Run
  readonly progress: Progress
  readonly stage: StagePlan
  readonly document: RolloutDocumentTarget
  readonly target: RolloutTarget
  /** Whether anything new may begin at all: steps, writes. */
  readonly may: May
  /** Whether this target has its place among those that change at the same time; if not, why. */
  readonly place: May
  /** Whether a target may begin now: windows, freezes. */
  readonly open: May
  /** When the time of the stage is over. */
  readonly deadlineAt: string
}

/** What each phase does. A phase that gives back another phase is left for it at once. */
const phases: Readonly<Record<TargetPhase, (work: TargetWork) => RolloutTarget>> = {
  Pending: begin,
  Deferred: begin,
  PreHooks: (work) => goThrough(work, 'before', 'Applying'),
  Applying: apply,
  WaitingHealth: waitForHealth,
  Verifying: (work) => goThrough(work, 'after', 'Soaking'),
  Soaking: soak,
  RollingBack: rollBack,
  Succeeded: stay,
  Failed: stay,
  Skipped: stay,
  RolledBack: stay,
  RollbackFailed: stay,
}

/** Phases in which a target changes: they count for maxConcurrency. */
export const movingPhases: ReadonlySet<TargetPhase> = new Set([
  'PreHooks',
  'Applying',
  'WaitingHealth',
  'Verifying',
  'Soaking',
  'RollingBack',
])

/** More than all phases, once round. */
const mostPhases = 10

/** Takes one target as far as it gets in this pass. */
export function stepTarget(work: TargetWork): RolloutTarget {
  let { target } = work
  for (let count = 0; count < mostPhases; count++) {
    const next = stepPhase({ ...work, target })
    if (next.phase === target.phase) return next
    target = next
  }
  return target
}

function stepPhase(work: TargetWork): RolloutTarget {
  const { run, stage, target } = work
  const cluster = seeCluster(run, target.cluster)
  if (cluster.here) return phases[target.phase](seenAgain(work))
  if (phases[target.phase] === stay) return target
  const { phase } = target
  const policy: OfflinePolicy = cluster.gone && phase !== 'RollingBack' ? stage.spec.offline : 'Wait'
  const unseen = target.unknownSince === undefined ? { ...target, unknownSince: cluster.since } : target
  switch (policy) {
    case 'Wait':
      return waits(unseen, cluster.why)
    case 'Defer':
      return phase === 'Deferred'
        ? waits(unseen, cluster.why)
        : waits(toTarget(unseen, 'Deferred', run.now), cluster.why)
    case 'Fail':
      return toTarget(
        unseen,
        'Failed',
        run.now,
        `Its cluster is lost since ${cluster.since}, which this stage counts as failed.`,
      )
    default:
      return policy satisfies never
  }
}

/** Time in which it was not seen is no time in which it was well. */
function seenAgain(work: TargetWork): TargetWork {
  const { unknownSince, ...target } = work.target
  if (unknownSince === undefined) return work
  const since = target.phase === 'Pending' || target.phase === 'Deferred' ? target.since : work.run.now
  return { ...work, target: { ...target, since } }
}

function stay({ target }: TargetWork): RolloutTarget {
  return target
}

function begin(work: TargetWork): RolloutTarget {
  const { run, target, document } = work
  const delivery = seeDelivery(run, target)
  if (!delivery.known) return waits(target, `its Delivery, which cannot be seen: ${delivery.reason}`)
  if (computeWritten(run, courseOf(run, target, document), delivery.value) === 'other') return moved(work)
  const barred = [work.may, work.open, work.place].find((one) => !one.begin)
  if (barred?.begin === false) return waits(target, barred.why)
  return toTarget(target, 'PreHooks', run.now)
}

function goThrough(work: TargetWork, list: StepListName, then: TargetPhase): RolloutTarget {
  const { run, progress, stage, document, target } = work
  const may = (): May => (work.may.begin ? work.place : work.may)
  const steps = askedSteps(run, progress, stage, document, list)
  const question = { run, stage, target: document, list, steps, records: target.steps ?? [], may }
  const { records, ...walk } = advanceSteps(question)
  const stepped = records.length === 0 || records === target.steps ? target : { ...target, steps: [...records] }
  switch (walk.state) {
    case 'done': {
      if (then !== 'Applying') return toTarget(stepped, then, run.now)
      const free = may()
      // the write belongs to the same pass as the phase that speaks of it
      if (!free.begin) return waits(stepped, free.why)
      const writtenAt = stepped.writtenAt ?? run.now
      return { ...toTarget(stepped, then, run.now), writtenAt }
    }
    case 'open':
      return waits(stepped, walk.waitingFor)
    case 'uncertain':
      return waits(stepped, `a person to say how the step ${walk.step} ended`)
    case 'failed':
      return toTarget(stepped, 'Failed', run.now, `The step ${walk.step} failed: ${walk.message}`)
    default:
      return walk satisfies never
  }
}

function apply(work: TargetWork): RolloutTarget {
  const { run, target, document } = work
  const delivery = seeDelivery(run, target)
  if (!delivery.known) return waits(target, `its Delivery, which cannot be seen: ${delivery.reason}`)
  const course = courseOf(run, target, document)
  const written = computeWritten(run, course, delivery.value)
  if (written === 'other') return moved(work)
  if (written === 'written' && delivery.value === undefined) return toTarget(target, 'Succeeded', run.now)
  const late = tooLate(work, 'it was applied')
  if (late !== undefined) return late
  if (written === 'not' || delivery.value === undefined)
    return waits(target, work.may.begin ? 'its Delivery to be written' : work.may.why)
  const sight = computeApplied(run, course, delivery.value, target.since)
  // where nothing is to run there is nothing to be well, and its Delivery may go at any time
  if (sight.state === 'good') return toTarget(target, bringsNothing(course.to) ? 'Succeeded' : 'WaitingHealth', run.now)
  if (sight.state === 'failed') return toTarget(target, 'Failed', run.now, sight.message)
  return waits(target, sight.waitingFor)
}

/** Undefined: its Delivery still has what was applied. Otherwise where that leaves the target. */
function unapplied(work: TargetWork): RolloutTarget | undefined {
  const { run, target, document } = work
  const delivery = seeDelivery(run, target)
  if (!delivery.known) return waits(target, `its Delivery, which cannot be seen: ${delivery.reason}`)
  const written = computeWritten(run, courseOf(run, target, document), delivery.value)
  if (written === 'other') return moved(work)
  return written === 'not' ? toTarget(target, 'Applying', run.now) : undefined
}

function waitForHealth(work: TargetWork): RolloutTarget {
  const { run, target } = work
  const other = unapplied(work)
  if (other !== undefined) return other
  const delivery = seeDelivery(run, target)
  const sight = computeWell(run, delivery.known ? delivery.value : undefined, target.since)
  if (sight.state === 'good') return toTarget(target, 'Verifying', run.now)
  if (sight.state === 'failed') return toTarget(target, 'Failed', run.now, sight.message)
  // what is not seen is not late either
  const late = sight.state === 'unseen' ? undefined : tooLate(work, 'it was healthy')
  return late ?? waits(target, sight.waitingFor)
}

function soak(work: TargetWork): RolloutTarget {
  const { run, stage, target } = work
  const other = unapplied(work)
  if (other !== undefined) return other
  const delivery = seeDelivery(run, target)
  const sight = computeWell(run, delivery.known ? delivery.value : undefined, target.since)
  // its time begins anew when it is well again
  if (sight.state !== 'good') return toTarget(target, 'WaitingHealth', run.now)
  const soakSeconds = soakSecondsOf(run, stage)
  if (secondsSince(target.since, run.now) >= soakSeconds) return toTarget(target, 'Succeeded', run.now)
  return waits(target, `its soak, until ${later(target.since, soakSeconds)}`)
}

function rollBack(work: TargetWork): RolloutTarget {
  const { run, target, document } = work
  const delivery = seeDelivery(run, target)
  if (!delivery.known) return { ...waits(target, `its Delivery, which cannot be seen: ${delivery.reason}`) }
  const course = courseOf(run, target, document)
  const written = computeWritten(run, course, delivery.value)
  if (written === 'other')
    return toTarget(
      target,
      'RollbackFailed',
      run.now,
      'Its Delivery has what this run did not write; it is left as it is.',
    )
  if (written === 'written' && delivery.value === undefined) return rolledBack(work)
  if (written === 'not' || delivery.value === undefined)
    return waits(target, work.place.begin ? 'its Delivery to be written back' : work.place.why)
  const applied = computeApplied(run, course, delivery.value, target.since)
  const looksOn = applied.state === 'good' && !bringsNothing(course.to)
  const sight = looksOn ? computeWell(run, delivery.value, target.since) : applied
  if (sight.state === 'good') return rolledBack(work)
  if (sight.state === 'failed') return toTarget(target, 'RollbackFailed', run.now, sight.message)
  if (secondsSince(target.since, run.now) < work.stage.spec.deadlineSeconds) return waits(target, sight.waitingFor)
  return toTarget(target, 'RollbackFailed', run.now, `It is not back in time: ${sight.waitingFor}`)
}

/** It keeps saying why it went back. */
const rolledBack = ({ target, run }: TargetWork): RolloutTarget =>
  toTarget(target, 'RolledBack', run.now, target.message)

function moved({ target, run }: TargetWork): RolloutTarget {
  const message =
    'Its Delivery has neither what it had when this run began nor what this run writes: somebody else changed it. Freeze the release anew, or skip this target.'
  return toTarget(target, 'Failed', run.now, message)
}

function tooLate({ run, target, deadlineAt }: TargetWork, what: string): RolloutTarget | undefined {
  if (secondsSince(deadlineAt, run.now) < 0) return undefined
  return toTarget(target, 'Failed', run.now, `The time of its stage was over before ${what}.`)
}

export function waits(target: RolloutTarget, text: string): RolloutTarget {
  const waitingFor = clip(text, 512)
  return target.waitingFor === waitingFor ? target : { ...target, waitingFor }
}
