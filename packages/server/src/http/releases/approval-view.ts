import type { StepView } from '@flotilla/api'
import type { Approval, Rollout, Step } from '@flotilla/model'
import type { HostState } from '../../fleet/host-state.ts'
import { personName } from './person-name.ts'

export interface ApprovalParts {
  readonly state: Pick<HostState, 'users'>
  readonly rollout: Rollout
  readonly approvals: readonly Approval[]
  /** Who wrote what is in the release: their own word counts only where the step allows it. */
  readonly authors: readonly string[]
  readonly stage: string
}

/** How many have to say yes to an approval step, who may, and who did. */
export function approvalView(
  { state, rollout: { metadata, status }, approvals, authors, stage }: ApprovalParts,
  { name, approval }: Step,
): NonNullable<StepView['approval']> {
  const { count = 1, users, roles, allowAuthor = false } = approval ?? {}
  const given = approvals.filter(
    ({ spec }) =>
      spec.decision === 'Approved' &&
      spec.digest === status?.snapshot?.release &&
      (allowAuthor || !authors.includes(spec.approver)) &&
      (spec.step === undefined ||
        (spec.step.rollout === metadata.name && spec.step.stage === stage && spec.step.step === name)),
  )
  const whom = [...(users ?? []), ...(roles ?? (users === undefined ? ['admin', 'operator'] : []))]
  const people = [...new Set(given.map(({ spec }) => spec.approver))]
  return { count, given: people.map((one) => personName(state, one)), who: whom.join(', ') }
}
