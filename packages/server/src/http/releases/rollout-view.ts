import type { RolloutDetail, RolloutRow, RolloutStageView, RolloutTargetView, StepView } from '@flotilla/api'
import {
  type Approval,
  kindOfStep,
  type Rollout,
  type RolloutDocument,
  type RolloutTarget,
  type Stage,
  type Step,
  type StepRecord,
  type TargetRef,
} from '@flotilla/model'
import type { ApprovalSight } from '@flotilla/reconcile'
import { irreversibleOf } from '../../delivery/rollout/irreversible-of.ts'
import type { HostState } from '../../fleet/host-state.ts'
import { projectOfNamespace, workspaceOfProject } from '../views/application-view.ts'
import { findProject } from '../views/fleet-index.ts'
import { approvalView } from './approval-view.ts'
import { personName, withNames } from '../../access/person-name.ts'
import { approvalRow } from './release-view.ts'
import { weighAll, type Weighing } from './weigh-approval.ts'

export function rolloutRow(state: HostState, { metadata, spec, status }: Rollout): RolloutRow {
  const project = projectOfNamespace(metadata.namespace ?? '') ?? ''
  const targets = status?.targets ?? []
  const count = (...phases: RolloutTarget['phase'][]): number =>
    targets.filter(({ phase }) => phases.includes(phase)).length
  return {
    project,
    workspace: workspaceOfProject(findProject(state, project)),
    application: spec.application,
    name: metadata.name,
    uid: metadata.uid ?? '',
    release: spec.release,
    plan: spec.plan,
    action: spec.rollback === undefined ? 'Release' : 'Rollback',
    of: spec.rollback?.of,
    phase: status?.phase ?? 'Pending',
    reason: status?.reason,
    message: withNames(state, status?.message),
    since: status?.since,
    waitingFor: status?.waitingFor,
    waitingSince: status?.waitingSince,
    author: personName(state, spec.author),
    targets: {
      total: targets.length,
      done: count('Succeeded', 'Skipped', 'RolledBack'),
      failed: count('Failed', 'RollbackFailed'),
      deferred: count('Deferred'),
    },
    startedAt: status?.startedAt,
    endedAt: status?.endedAt,
    createdAt: metadata.creationTimestamp ?? '',
  }
}

export interface RolloutParts {
  readonly state: HostState
  readonly rollout: Rollout
  /** Undefined before it has begun, or while it is read: steps to come are not known then. */
  readonly document: RolloutDocument | undefined
  readonly approvals: readonly Approval[]
  /** The same, of people who are still there. */
  readonly sights: readonly ApprovalSight[]
  readonly weighing: Weighing
  /** RFC 3339. */
  readonly now: string
}

export function rolloutDetail(parts: RolloutParts): RolloutDetail {
  const { state, rollout, document, approvals, sights, weighing } = parts
  const { spec, status } = rollout
  const { paused, abort } = spec.control
  const digest = status?.snapshot?.release
  const reasons = weighAll(approvals, sights, weighing)
  return {
    ...rolloutRow(state, rollout),
    digest,
    stages: (status?.stages ?? []).map(({ name }) => stageView(parts, name)),
    ...(paused === undefined ? {} : { paused: { by: personName(state, paused.by), reason: paused.reason } }),
    ...(abort === undefined ? {} : { aborted: { by: personName(state, abort.by), reason: abort.reason } }),
    left: status?.left ?? [],
    approvalList: approvals.map((approval) => approvalRow(state, approval, digest, reasons.get(approval))),
    events: eventsOf(state, rollout),
    irreversible: document === undefined ? [] : irreversibleOf(rollout, document),
    why: spec.reason,
    ...(status?.findings === undefined ? {} : { findings: status.findings }),
  }
}

function stageView(parts: RolloutParts, name: string): RolloutStageView {
  const { state, rollout, document } = parts
  const plan = document?.plan.stages.find((stage) => stage.name === name)
  const said = rollout.status?.stages?.find((stage) => stage.name === name)
  const targets = (rollout.status?.targets ?? []).filter(({ stage }) => stage === name)
  return {
    name,
    phase: said?.phase ?? 'Pending',
    since: said?.since,
    message: withNames(state, said?.message),
    maxConcurrency: plan?.maxConcurrency ?? 1,
    maxFailures: plan?.maxFailures ?? 0,
    // a way back waits for none
    soakSeconds: document?.action === 'Rollback' ? 0 : (plan?.soakSeconds ?? 0),
    onFailure: plan?.onFailure ?? 'Pause',
    offline: plan?.offline ?? 'Wait',
    steps: stepViews(parts, { stage: name, target: undefined }, said?.steps, plan),
    targets: targets.map((target) => targetView(parts, target, plan)),
  }
}

function targetView(parts: RolloutParts, target: RolloutTarget, plan: Stage | undefined): RolloutTargetView {
  const { delivery: _delivery, steps, ...rest } = target
  return {
    ...rest,
    // people count from one
    attempt: rest.attempt + 1,
    message: withNames(parts.state, rest.message),
    steps: stepViews(parts, { stage: target.stage, target }, steps, plan?.each),
  }
}

/** Planned steps with what was recorded of them, in the order of the plan. */
function stepViews(
  { state, document, sights, rollout, now }: RolloutParts,
  { stage, target }: { readonly stage: string; readonly target: TargetRef | undefined },
  records: readonly StepRecord[] | undefined,
  planned: { readonly before?: readonly Step[] | undefined; readonly after?: readonly Step[] | undefined } | undefined,
): StepView[] {
  const { action = 'Release', authors = [] } = document ?? {}
  return (['before', 'after'] as const).flatMap((list) =>
    (planned?.[list] ?? [])
      .filter(({ during }) => during.includes(action))
      .map((step): StepView => {
        const record = records?.find(({ name }) => name === step.name)
        const type = kindOfStep(step)
        const approval = approvalView({ rollout, sights, authors, stage, target, now }, step)
        return {
          name: step.name,
          type,
          list,
          phase: record?.phase ?? 'Planned',
          attempt: record === undefined ? undefined : record.attempt + 1,
          since: record?.since,
          endedAt: record?.endedAt,
          message: withNames(state, record?.message),
          waitingFor: record?.waitingFor,
          evidence: record?.evidence ?? [],
          migration: step.job?.migration !== undefined,
          reversible: step.job?.migration?.reversible,
          hasLog: (type === 'job' || type === 'test') && record !== undefined && record.phase !== 'Intended',
          job: record?.job,
          approval,
        }
      }),
  )
}

const placeText = ({ cluster, namespace }: { cluster: string; namespace: string }): string => `${cluster}/${namespace}`

/** What people asked of it. When they did is in the audit; Kubernetes keeps no time per field. */
function eventsOf(state: HostState, { spec, metadata }: Rollout): RolloutDetail['events'] {
  const { retries, skips, resolutions, paused, abort } = spec.control
  const at = metadata.creationTimestamp ?? ''
  return [
    { at, by: personName(state, spec.author), what: 'started', reason: spec.reason },
    ...(paused === undefined
      ? []
      : [{ at: '', by: personName(state, paused.by), what: 'paused', reason: paused.reason }]),
    ...retries.map(({ by, target, stage }) => ({
      at: '',
      by: personName(state, by),
      what: `tried ${target === undefined ? (stage ?? 'what failed') : placeText(target)} again`,
      reason: undefined,
    })),
    ...skips.map(({ by, reason, target, step }) => ({
      at: '',
      by: personName(state, by),
      what: `skipped ${step === undefined ? '' : `${step.stage}/${step.step} `}${target === undefined ? '' : placeText(target)}`.trim(),
      reason,
    })),
    ...resolutions.map(({ by, reason, step, outcome }) => ({
      at: '',
      by: personName(state, by),
      what: `said that ${step.stage}/${step.step} ${outcome === 'Succeeded' ? 'succeeded' : 'failed'}`,
      reason,
    })),
    ...(abort === undefined
      ? []
      : [{ at: '', by: personName(state, abort.by), what: 'aborted', reason: abort.reason }]),
  ]
}
