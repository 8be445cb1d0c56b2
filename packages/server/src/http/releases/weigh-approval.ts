import type { ApprovalRow } from '@flotilla/api'
import type { Approval } from '@flotilla/model'
import { type ApprovalSight, computeVoid } from '@flotilla/reconcile'
import type { ApprovalRule } from './approval-rules.ts'

export interface Weighing {
  readonly rules: readonly ApprovalRule[]
  /** What approvals have to name; undefined: nothing is there to approve. */
  readonly digest: string | undefined
  readonly authors: readonly string[]
}

type Word = Pick<ApprovalSight, 'approver' | 'userName' | 'roles' | 'digest' | 'step'>

/** Why a word counts at none of the steps that it may be for; undefined: it counts, or may yet. */
export function weighApproval(word: Word, { rules, digest, authors }: Weighing): ApprovalRow['voidBecause'] {
  if (word.digest !== digest) return 'digest'
  const meant = rules.filter(({ rollout, stage, step }) => {
    if (word.step === undefined) return true
    return (
      word.step.stage === stage && word.step.step === step && (rollout === undefined || word.step.rollout === rollout)
    )
  })
  const reasons = meant.map(({ rule }) => computeVoid(rule, word, authors))
  if (reasons.includes(undefined)) return undefined
  const isAuthor = authors.includes(word.approver)
  // no step says who may: its author may not in any case
  if (reasons.length === 0) return isAuthor ? 'author' : undefined
  return reasons.includes('author') ? 'author' : 'not-asked'
}

/** Those that count for nothing, with why. The word of somebody who is gone counts as that of one whom nobody asks. */
export function weighAll(
  approvals: readonly Approval[],
  sights: readonly ApprovalSight[],
  weighing: Weighing,
): Map<Approval, NonNullable<ApprovalRow['voidBecause']>> {
  const byName = new Map(sights.map((sight) => [sight.name, sight]))
  return new Map(
    approvals.flatMap((approval) => {
      const sight = byName.get(approval.metadata.name)
      const reason = sight === undefined ? ('not-asked' as const) : weighApproval(sight, weighing)
      return reason === undefined ? [] : [[approval, reason] as const]
    }),
  )
}

/** How many different people said yes and no, each by their newest word, of what counts. */
export function countPeople(
  sights: readonly ApprovalSight[],
  weighing: Weighing,
): { readonly approved: number; readonly rejected: number } {
  const said = new Map<string, ApprovalSight['decision']>()
  for (const sight of sights.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)))
    if (weighApproval(sight, weighing) === undefined)
      said.set(`${sight.approver} ${JSON.stringify(sight.step ?? null)}`, sight.decision)
  const count = (wanted: ApprovalSight['decision']): number =>
    new Set([...said].filter(([, one]) => one === wanted).map(([key]) => key.slice(0, key.indexOf(' ')))).size
  return { approved: count('Approved'), rejected: count('Rejected') }
}
