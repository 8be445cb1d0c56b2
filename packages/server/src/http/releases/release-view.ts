import type { ApprovalRow, ReleaseRow } from '@flotilla/api'
import type { Approval, Release, Rollout } from '@flotilla/model'
import type { ApprovalSight } from '@flotilla/reconcile'
import type { HostState } from '../../fleet/host-state.ts'
import { projectOfNamespace, workspaceOfProject } from '../views/application-view.ts'
import { findProject } from '../views/fleet-index.ts'
import { personName } from '../../access/person-name.ts'
import { countPeople, type Weighing } from './weigh-approval.ts'

export interface ReleaseParts {
  readonly state: HostState
  readonly release: Release
  /** Approvals that name the release, of people who are still there. */
  readonly sights: readonly ApprovalSight[]
  readonly weighing: Weighing
  /** Runs of the release, newest first. */
  readonly rollouts: readonly Rollout[]
}

export function releaseRow({ state, release, sights, weighing, rollouts }: ReleaseParts): ReleaseRow {
  const { metadata, spec, status } = release
  const project = projectOfNamespace(metadata.namespace ?? '') ?? ''
  const frozen = status?.frozen
  const sum = (key: 'added' | 'changed' | 'removed'): number =>
    (frozen?.targets ?? []).reduce((total, target) => total + target[key], 0)
  const [newest] = rollouts
  return {
    project,
    workspace: workspaceOfProject(findProject(state, project)),
    application: spec.application,
    name: metadata.name,
    uid: metadata.uid ?? '',
    phase: status?.phase ?? 'Draft',
    freezing: spec.freeze && frozen === undefined && spec.rejected === undefined,
    title: spec.title,
    tickets: spec.tickets ?? [],
    authors: spec.authors.map((author) => personName(state, author)),
    message: status?.message,
    waitingFor: status?.waitingFor,
    waitingSince: status?.waitingSince,
    choices: spec.components,
    targets: frozen?.targets.length ?? 0,
    changes: { added: sum('added'), changed: sum('changed'), removed: sum('removed') },
    approvals: countPeople(sights, weighing),
    ...(newest === undefined
      ? {}
      : {
          rollout: {
            name: newest.metadata.name,
            phase: newest.status?.phase ?? 'Pending',
            waitingFor: newest.status?.waitingFor,
            waitingSince: newest.status?.waitingSince,
            awaits: awaitsText(newest),
          },
        }),
    findings: status?.findings?.length ?? 0,
    createdAt: metadata.creationTimestamp ?? '',
    frozenAt: frozen?.at,
  }
}

/** What a person has to do, as the list says it. */
function awaitsText({ status }: Rollout): 'approval' | 'decision' | undefined {
  if (status?.awaits === undefined) return undefined
  return status.awaits === 'Approval' ? 'approval' : 'decision'
}

export function approvalRow(
  state: HostState,
  approval: Approval,
  digest: string | undefined,
  voidBecause: ApprovalRow['voidBecause'],
): ApprovalRow {
  const { step, decision, note, approver } = approval.spec
  return {
    name: approval.metadata.name,
    by: personName(state, approver),
    decision,
    note,
    at: approval.metadata.creationTimestamp ?? '',
    ...(step === undefined ? {} : { step: `${step.stage}/${step.step}`, rollout: step.rollout }),
    current: approval.spec.digest === digest,
    voidBecause,
  }
}
