import { type Finding, type Rollout, settled, unknown, waiting } from '@flotilla/model'
import { computeClosing } from './ended.ts'
import { findRemoval } from './find-removal.ts'
import { findWillMove } from './find-will-move.ts'
import { planOpening } from './plan-opening.ts'
import { type Draft, planTargets } from './plan-targets.ts'
import { type Claim, computeTurn, findReplaced } from './others.ts'
import { openRun } from './run.ts'
import { composeStatus, type Said } from './status.ts'
import type { RolloutDecision, RolloutEffect, RolloutOpening, RolloutQuestion, StoredRolloutDocument } from './types.ts'

/**
 * A run that has not begun. Its way: what it would do -> nothing bars it -> its targets are claimed, so that others see it ->
 * its turn -> a hold, where it goes back -> the document is stored -> Running. Nothing of it is in any cluster until then.
 */
export function startRollout(question: RolloutQuestion): RolloutDecision {
  const { object, observed, now } = question
  const uid = object.metadata.uid ?? ''
  const closing = computeClosing(object)
  if (closing !== undefined) return end(question, { phase: 'Aborted', ...closing })
  if (object.spec.control.paused !== undefined)
    return wait(question, { waitingFor: 'a person to let it begin', reason: 'ByHand' })
  const { document, opening, others, deliveries, placed } = observed
  if (!document.known) return wait(question, { waitingFor: `its document: ${document.reason}` })
  if (!others.known) return wait(question, { waitingFor: `other rollouts, which cannot be seen: ${others.reason}` })
  if (!opening.known)
    return wait(question, { waitingFor: `its release and plan, which cannot be seen: ${opening.reason}` })
  if (document.value !== undefined) return begin(question, document.value, opening.value, others.value)
  const planned = planTargets(object, opening.value, now)
  if (planned.state === 'refused') return refuse(question, planned.findings)
  if (planned.state === 'waits') return wait(question, { waitingFor: planned.waitingFor })
  const { draft } = planned
  const findings = [...planned.findings, ...findWillMove(draft, planned.claim, others.value)]
  const back = draft.document.action === 'Rollback'
  const kept = findKeepingBack(opening.value, back)
  if (kept !== undefined) return wait(question, { ...kept, findings })
  // what goes on gives up nothing for a rollback that cannot be
  const removal = deliveries.known ? findRemoval(draft, { deliveries: deliveries.value, placed }) : []
  if (removal.some(({ severity }) => severity === 'Error')) return refuse(question, [...removal, ...findings])
  const replaced = [
    ...new Set([
      ...(object.status?.claim?.replaced ?? []),
      ...findReplaced(planned.claim, others.value, object.metadata.name),
    ]),
  ].slice(0, 100)
  const claim: Claim = { ...planned.claim, ...(replaced.length === 0 ? {} : { replaced }) }
  // others have to see the claim before its turn is looked at
  if (!sameClaim(object.status?.claim, claim))
    return wait(question, { waitingFor: 'its turn', reason: 'Queued', claim, findings }, [], 0)
  const turn = computeTurn(object, claim, others.value)
  if (!turn.begin) return wait(question, { waitingFor: turn.why, reason: 'Queued', claim, findings })
  if (!deliveries.known)
    return wait(question, { waitingFor: `Deliveries, which cannot be seen: ${deliveries.reason}`, claim, findings })
  const opened = planOpening(draft, { deliveries: deliveries.value, placed, replaced }, now)
  if (opened.state === 'refused') return refuse(question, [...opened.findings, ...findings])
  const said: Said = { claim, findings: [...findings, ...opened.findings] }
  if (back && opening.value.hold === undefined) {
    const why = object.spec.reason === undefined ? '' : `: ${object.spec.reason}`
    const reason = `the rollout ${object.metadata.name} takes back ${nameOf(draft)}${why}`
    const effect: RolloutEffect = { kind: 'HoldApplication', key: `hold/${uid}`, reason }
    return wait(question, { ...said, waitingFor: 'the hold of the application' }, [effect], 1)
  }
  const store: RolloutEffect = { kind: 'StoreDocument', key: `document/${uid}`, document: opened.document }
  return wait(question, { ...said, waitingFor: 'its document to be stored' }, [store], 0)
}

/** What was stored may have waited: somebody may have held or barred the application since, or gone before it. */
function begin(
  question: RolloutQuestion,
  { digest, document }: StoredRolloutDocument,
  opening: RolloutOpening,
  others: readonly Rollout[],
): RolloutDecision {
  const { object, observed, now } = question
  const kept = findKeepingBack(opening, document.action === 'Rollback')
  if (kept !== undefined) return wait(question, kept)
  const targets = document.targets.map(({ cluster, namespace }) => ({ cluster, namespace }))
  const turn = computeTurn(object, { ...claimOf(object, document.plan.whenBusy), targets }, others)
  if (!turn.begin) return wait(question, { waitingFor: turn.why, reason: 'Queued' })
  const { run, progress } = openRun(object, observed, now, document)
  const snapshot = { at: now, document: digest, release: document.release.digest }
  const said = { phase: 'Running' as const, waitingFor: 'its first stage', snapshot, run, progress }
  return answer(composeStatus(object, said, now), [], 0)
}

/** What a person has to change before the application is delivered; a rollback goes over a hold. */
function findKeepingBack({ barred, hold }: RolloutOpening, back: boolean): Said | undefined {
  if (barred !== undefined) return { waitingFor: `the application: ${barred}`, reason: 'Barred' }
  if (hold !== undefined && !back) return { waitingFor: `a person to lift the hold: ${hold.reason}`, reason: 'Held' }
  return undefined
}

const nameOf = ({ document }: Draft): string => `the release ${document.release.name}`

/** A rollback replaces, whatever the plan says of releases. */
const claimOf = ({ status, spec }: Rollout, whenBusy: Claim['whenBusy']): Claim =>
  status?.claim ?? { whenBusy: spec.rollback === undefined ? whenBusy : 'Replace', targets: [] }

function sameClaim(one: Claim | undefined, other: Claim): boolean {
  return one !== undefined && JSON.stringify(one) === JSON.stringify({ ...one, ...other })
}

/** Of several findings the message names the first; all of them stand beside it. */
function refuse(question: RolloutQuestion, findings: readonly Finding[]): RolloutDecision {
  const [first] = findings
  const field = first?.field === undefined ? '' : ` (${first.field})`
  const more = findings.length > 1 ? ` And ${findings.length - 1} more.` : ''
  const message = `${first?.message ?? 'It cannot be done.'}${field}${more}`
  return end(question, { phase: 'Failed', reason: 'Refused', message, findings })
}

function end({ object, now }: RolloutQuestion, said: Said): RolloutDecision {
  return answer(composeStatus(object, said, now), [], 0)
}

function wait(
  { object, now }: RolloutQuestion,
  said: Said,
  effects: readonly RolloutEffect[] = [],
  seconds = 15,
): RolloutDecision {
  return answer(composeStatus(object, { phase: 'Pending', ...said }, now), effects, seconds)
}

function answer(
  status: RolloutDecision['status'],
  effects: readonly RolloutEffect[],
  seconds: number,
): RolloutDecision {
  const next = status.endedAt === undefined ? waiting(seconds, status.waitingFor ?? '') : settled
  return { objects: unknown('a rollout owns no objects'), effects, status, next }
}
