import { type Approval, type Known, known, type Rollout, unknown, userIdentity } from '@flotilla/model'
import type { ApprovalSight } from '@flotilla/reconcile'
import type { RolloutDeps } from './deps.ts'
import { placeOf, rolesIn } from './observe-opening.ts'

/** Approvals of a release as they count now: of people who are still there, with the roles that they hold today. */
export function observeApprovals(
  { state, people }: Pick<RolloutDeps, 'state' | 'people'>,
  { metadata: { namespace = '' }, spec }: Rollout,
): Known<readonly ApprovalSight[]> {
  const hidden = [...state.approvals.unreadable].find(([key]) => key.startsWith(`${namespace}/`))
  if (hidden !== undefined) return unknown(`approval ${hidden[0]} cannot be read: ${hidden[1]}`)
  if (placeOf(state, namespace) === undefined) return unknown(`the project of ${namespace} is not known`)
  const own = state.approvals.list(namespace).filter((approval) => approval.spec.release === spec.release)
  return known(seeApprovals({ state, people }, namespace, own))
}

/** Those of people who are still there; nothing of a project that is not known. */
export function seeApprovals(
  { state, people }: { readonly state: Pick<RolloutDeps['state'], 'projects'>; readonly people: RolloutDeps['people'] },
  namespace: string,
  approvals: readonly Approval[],
): ApprovalSight[] {
  const project = placeOf(state, namespace)
  if (project === undefined) return []
  return approvals.flatMap(({ metadata, spec }): ApprovalSight[] => {
    if (metadata.deletionTimestamp !== undefined) return []
    const { approver, digest, decision, note, step } = spec
    const person = people.byUid(approver.slice(userIdentity('').length))
    if (person === undefined) return []
    return [
      {
        name: metadata.name,
        approver,
        userName: person.name,
        roles: rolesIn(person, project),
        digest,
        decision,
        note,
        step,
        at: metadata.creationTimestamp ?? '',
      },
    ]
  })
}
