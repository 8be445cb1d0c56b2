import {
  type Application,
  computeConditions,
  type Finding,
  type Known,
  known,
  type NewCondition,
  type Next,
  type Release,
  settled,
  stalled,
  waiting,
} from '@flotilla/model'
import { computeReady, type ConditionSaid, observedGeneration } from './ownership/ready.ts'
import type { FreezeSight, FrozenStatus, ReleaseDecision, ReleaseEffect, ReleaseObserved } from './release/observed.ts'
import { computePhase, finalPhases, isStartedAnew, type PhaseAnswer } from './release/phase.ts'

export interface ReleaseQuestion {
  readonly object: Release
  readonly observed: ReleaseObserved
  /** RFC 3339, UTC. */
  readonly now: string
}

/** From a draft to what went out: frozen once and whole when it is asked for, and from then on where its runs have it. */
export function reconcileRelease(question: ReleaseQuestion): ReleaseDecision {
  const { object, observed } = question
  const { spec, status } = object
  if (object.metadata.deletionTimestamp !== undefined) return decide(question, { next: settled })
  const over = status?.phase !== undefined && finalPhases.includes(status.phase)
  if (over) {
    const anew = seeNewStart(question)
    if (!anew.known) return decide(question, { next: waiting(30, anew.reason) })
    if (!anew.value) return decide(question, { next: settled })
  }
  if (status?.frozen !== undefined) return follow(question, status.frozen, status.findings ?? [])
  if (spec.rejected !== undefined) {
    const said = { phase: 'Rejected' as const, message: `Rejected: ${spec.rejected.reason}` }
    return decide(question, { said, next: settled })
  }
  if (!spec.freeze) {
    const said = { phase: 'Draft' as const, message: 'A draft: freeze it to have it rendered for every target' }
    return decide(question, { said, next: settled })
  }
  const { freeze } = observed
  if (freeze.state === 'done') return follow(question, freeze.frozen, freeze.findings)
  return begin(question, freeze)
}

/** Rejected is for good; what was superseded or rolled back may go out once more. */
function seeNewStart({ object: release, observed: { rollouts, deliveries } }: ReleaseQuestion): Known<boolean> {
  if (release.status?.phase === 'Rejected' || release.status?.frozen === undefined) return known(false)
  if (!rollouts.known) return rollouts
  if (!deliveries.known) return deliveries
  return known(isStartedAnew({ release, rollouts: rollouts.value, deliveries: deliveries.value }))
}

/** What a freeze goes by: when that is the same, what failed is not tried at once again. */
export const freezeKey = (release: Release, application: Application): string =>
  [release, application].map(({ metadata }) => `${metadata.uid ?? ''}/${metadata.generation ?? 0}`).join('/')

function begin(question: ReleaseQuestion, freeze: Exclude<FreezeSight, { state: 'done' }>): ReleaseDecision {
  const { object, observed, now } = question
  const { application } = observed
  const draft = (message: string, waitingFor?: string) => ({ phase: 'Draft' as const, message, waitingFor })
  if (!application.known) {
    const said = draft('It is not frozen yet', application.reason)
    return decide(question, { said, reason: 'Freezing', next: waiting(30, application.reason) })
  }
  if (application.value === undefined) {
    const message = `There is no application ${object.spec.application}`
    const finding: Finding = { severity: 'Error', code: 'release.application_missing', message }
    return decide(question, {
      said: draft(message),
      reason: 'FreezeFailed',
      findings: [finding],
      next: stalled(message),
    })
  }
  const key = freezeKey(object, application.value)
  const effects: ReleaseEffect[] = [{ kind: 'Freeze', key: `freeze/${key}` }]
  if (freeze.state === 'running') {
    const said = draft('It is being frozen', `rendered ${freeze.done} of ${freeze.total} targets`)
    return decide(question, { said, reason: 'Freezing', next: waiting(0, 'it is being rendered') })
  }
  if (freeze.state === 'absent' || freeze.asked !== key) {
    const said = draft('It is being frozen', 'its first render')
    return decide(question, { said, reason: 'Freezing', effects, next: waiting(0, 'it is being rendered') })
  }
  const why = freeze.findings.find(({ severity }) => severity === 'Error')?.message ?? 'it cannot be rendered'
  const left = retrySeconds(freeze) - (Date.parse(now) - Date.parse(freeze.at)) / 1000
  return decide(question, {
    said: draft(`It cannot be frozen: ${why}`),
    reason: 'FreezeFailed',
    findings: freeze.findings,
    effects: left <= 0 ? effects : [],
    next: waiting(Math.max(0, Math.ceil(left)), 'it is tried again then'),
  })
}

/** What only a person can mend is looked at now and then: a Secret or a registry tells nobody that it was mended. */
const retrySeconds = ({ next, attempts }: Extract<FreezeSight, { state: 'failed' }>): number =>
  next === 'retry' ? Math.min(300, 5 * 2 ** Math.min(attempts - 1, 10)) : 300

function follow(question: ReleaseQuestion, frozen: FrozenStatus, found: readonly Finding[]): ReleaseDecision {
  const { object, observed } = question
  const findings = found.filter(({ code }) => code !== rejectedLate)
  const release = { ...object, status: { ...object.status, phase: phaseOf(object), frozen } }
  const { rollouts, deliveries } = observed
  if (!rollouts.known || !deliveries.known) {
    const reason = rollouts.known ? (deliveries.known ? '' : deliveries.reason) : rollouts.reason
    const said = { phase: release.status.phase, message: object.status?.message ?? 'Frozen', waitingFor: reason }
    return decide(question, { said, frozen, findings, next: waiting(30, reason) })
  }
  const said = computePhase({ release, rollouts: rollouts.value, deliveries: deliveries.value })
  if (said.rejectedLate === true)
    findings.push({
      severity: 'Warning',
      code: rejectedLate,
      message: 'It was rejected after it went out; roll it back to take it away',
      field: 'spec.rejected',
    })
  return decide(question, { said, frozen, findings, next: settled })
}

const rejectedLate = 'release.rejected_late'
const phaseOf = ({ status }: Release) =>
  status?.phase === undefined || status.phase === 'Draft' ? ('Frozen' as const) : status.phase

interface Said {
  /** Undefined: all stays as it is. */
  readonly said?: PhaseAnswer | undefined
  readonly reason?: string | undefined
  readonly frozen?: FrozenStatus | undefined
  readonly findings?: readonly Finding[] | undefined
  readonly effects?: readonly ReleaseEffect[] | undefined
  readonly next: Next
}

/** For `kubectl wait`: Frozen is one that never changes again, Active what its targets have. */
function phaseConditions(
  object: Release,
  phase: PhaseAnswer['phase'],
  frozen: FrozenStatus | undefined,
  { reason, message }: ConditionSaid,
): NewCondition[] {
  const is = (type: string, value: boolean): NewCondition => ({
    type,
    status: value ? 'True' : 'False',
    reason,
    message,
    ...observedGeneration(object),
  })
  const done = frozen !== undefined || object.status?.frozen !== undefined
  return [is('Frozen', done), is('Active', phase === 'Active'), is('Rejected', phase === 'Rejected')]
}

function decide({ object, now }: ReleaseQuestion, answer: Said): ReleaseDecision {
  const { said, frozen, findings = [], effects = [], next } = answer
  const before = object.status
  if (said === undefined) return { objects: known([]), effects, status: before ?? {}, next }
  const { phase, message, waitingFor } = said
  const rollout = said.rollout?.metadata.name ?? before?.rollout
  const ready: ConditionSaid = {
    status: ['Frozen', 'Rolling', 'Active'].includes(phase) ? 'True' : 'False',
    reason: answer.reason ?? phase,
    message,
  }
  const since = before?.waitingFor === undefined ? undefined : before.waitingSince
  const status = {
    ...observedGeneration(object),
    conditions: computeConditions(computeReady(object, ready, now), phaseConditions(object, phase, frozen, ready), now),
    phase,
    message: message.slice(0, 4000),
    ...(waitingFor === undefined ? {} : { waitingFor: waitingFor.slice(0, 1000), waitingSince: since ?? now }),
    ...(frozen === undefined ? {} : { frozen }),
    ...(rollout === undefined ? {} : { rollout }),
    ...(findings.length === 0 ? {} : { findings: findings.slice(0, 100) }),
  }
  return { objects: known([]), effects, status, next }
}
