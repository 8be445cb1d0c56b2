import { type Known, known, type Rollout, unknown, userIdentity } from '@flotilla/model'
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
  const project = placeOf(state, namespace)
  if (project === undefined) return unknown(`the project of ${namespace} is not known`)
  return known(
    state.approvals.list(namespace).flatMap((approval): ApprovalSight[] => {
      const { release, approver, digest, decision, note, step } = approval.spec
      if (release !== spec.release || approval.metadata.deletionTimestamp !== undefined) return []
      const person = people.byUid(approver.slice(userIdentity('').length))
      if (person === undefined) return []
      return [
        {
          name: approval.metadata.name,
          approver,
          userName: person.name,
          roles: rolesIn(person, project),
          digest,
          decision,
          note,
          step,
          at: approval.metadata.creationTimestamp ?? '',
        },
      ]
    }),
  )
}
