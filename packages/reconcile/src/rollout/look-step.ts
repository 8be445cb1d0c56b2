import { kindOfStep, type StepRecord } from '@flotilla/model'
import { computeApproval } from './approvals.ts'
import { clip, isInHand, secondsSince } from './run.ts'
import {
  computeStepInHand,
  endStep,
  isOnceOnly,
  runsInMember,
  type StepContext,
  stepText,
  withTrouble,
} from './steps.ts'
import type { StepSight } from './types.ts'

/** What a record says after what is seen now. What is not seen changes nothing but the words. */
export function lookAtStep(context: StepContext, record: StepRecord): StepRecord {
  const { run, step } = context
  if (record.held === true && run.observed.released.has(computeStepInHand(context, record)?.key ?? '')) {
    const { held: _held, ...rest } = record
    return rest
  }
  if (!isInHand(record)) return record
  const kind = kindOfStep(step)
  if (kind === 'wait') return lookAtWait(context, record)
  if (kind === 'approval') return lookAtApproval(context, record)
  const sight = run.observed.steps.get(computeStepInHand(context, record)?.key ?? '')
  if (sight === undefined) return waitsFor(record, `${stepText(step)} to begin`)
  if (!sight.known) return waitsFor(record, `${stepText(step)}, which cannot be seen: ${sight.reason}`)
  return lookAtSight(context, record, sight.value)
}

function lookAtSight(context: StepContext, before: StepRecord, sight: StepSight): StepRecord {
  const { run, step } = context
  const record = sight.job === undefined ? before : { ...before, job: sight.job }
  const { stopping } = record
  switch (sight.state) {
    case 'absent':
      return lookAtAbsence(context, record)
    case 'running': {
      const seen: StepRecord = {
        ...waitsFor(record, withTrouble(context, record, sight.waitingFor ?? `${stepText(step)} to end`)),
        phase: 'Running',
        // its time begins when it runs, however long it took to begin
        since: record.phase === 'Running' ? record.since : run.now,
        ...(sight.evidence === undefined ? {} : { evidence: [...sight.evidence].slice(0, 20) }),
      }
      if (stopping !== undefined || secondsSince(seen.since, run.now) < step.timeoutSeconds) return seen
      const message = `It did not end within ${step.timeoutSeconds} s and was stopped.`
      return { ...seen, stopping: { as: 'Failed', message } }
    }
    case 'succeeded':
      return {
        ...endStep(context, record, 'Succeeded', sight),
        ...(sight.ranBefore === true ? { ranBefore: true } : {}),
      }
    case 'failed':
      if (stopping !== undefined) return endStep(context, record, stopping.as, stopping)
      return endStep(context, record, 'Failed', sight)
    case 'uncertain':
      if (stopping?.as === 'Skipped') return endStep(context, record, 'Skipped', stopping)
      return endStep(context, record, 'Uncertain', sight)
    default:
      return sight satisfies never
  }
}

/**
 * Nothing of it is there. Before it was seen to run, it was never begun; afterwards it vanished, and only what cannot do harm
 * begins once more by itself.
 */
function lookAtAbsence(context: StepContext, record: StepRecord): StepRecord {
  const { stopping, phase } = record
  const { step } = context
  const ran = phase === 'Running'
  if (ran && isOnceOnly(step) && stopping?.as !== 'Skipped') {
    const message = 'It vanished before its end was seen: find out how it ended, and resolve it.'
    return endStep(context, record, 'Uncertain', { message })
  }
  if (stopping !== undefined) return endStep(context, record, stopping.as, stopping)
  if (ran && runsInMember(step) && step.job?.migration === undefined) {
    return endStep(context, record, 'Failed', { message: 'It was deleted before it ended.' })
  }
  return waitsFor({ ...record, phase: 'Intended' }, withTrouble(context, record, `${stepText(step)} to begin`))
}

function lookAtWait(context: StepContext, record: StepRecord): StepRecord {
  const { step, run } = context
  const seconds = step.wait?.seconds ?? 0
  if (record.stopping !== undefined) return endStep(context, record, record.stopping.as, record.stopping)
  if (secondsSince(record.since, run.now) >= seconds) return endStep(context, record, 'Succeeded')
  return waitsFor(record, `${stepText(step)}, ${seconds} s from ${record.since}`)
}

function lookAtApproval(context: StepContext, record: StepRecord): StepRecord {
  if (record.stopping !== undefined) return endStep(context, record, record.stopping.as, record.stopping)
  const seen = computeApproval(context)
  switch (seen.state) {
    case 'open':
      return waitsFor(record, seen.waitingFor)
    case 'approved':
      return endStep(context, record, 'Succeeded', seen)
    case 'rejected':
      return endStep(context, record, 'Failed', seen)
    default:
      return seen satisfies never
  }
}

function waitsFor(record: StepRecord, text: string): StepRecord {
  const waitingFor = clip(text, 512)
  return record.waitingFor === waitingFor ? record : { ...record, waitingFor }
}
