import type { StepView } from '@flotilla/api'
import type { Rollout, Step, TargetRef } from '@flotilla/model'
import { type ApprovalSight, countApprovals, isMeantFor } from '@flotilla/reconcile'

export interface ApprovalParts {
  readonly rollout: Rollout
  /** Of the release, of people who are still there. */
  readonly sights: readonly ApprovalSight[]
  /** Who wrote what is in the release: their own word counts only where the step allows it. */
  readonly authors: readonly string[]
  readonly stage: string
  readonly target: TargetRef | undefined
  /** RFC 3339. */
  readonly now: string
}

/** How many have to say yes to an approval step, who may, and who did, by the very rules that the engine goes by. */
export function approvalView(
  { rollout: { metadata, status }, sights, authors, stage, target, now }: ApprovalParts,
  { name, approval }: Step,
): StepView['approval'] {
  if (approval === undefined) return undefined
  const { count, users, roles } = approval
  const place = { rollout: metadata.name, stage, step: name, target }
  const meant = sights.filter((sight) => isMeantFor(place, sight))
  const { given } = countApprovals(approval, meant, { digest: status?.snapshot?.release ?? '', authors, now })
  const whom = [...(users ?? []), ...(roles ?? (users === undefined ? ['admin', 'operator'] : []))]
  return {
    count,
    given: given.map(({ approver, userName }) => ({ name: userName, id: approver })),
    who: whom.join(', '),
  }
}
