import { builtInRoles, type ApprovalStep, type RolloutStatus, type TargetRef, targetKey } from '@flotilla/model'
import { secondsSince } from './run.ts'
import type { StepContext } from './steps.ts'
import type { ApprovalSight } from './types.ts'

export type ApprovalState =
  | { readonly state: 'open'; readonly waitingFor: string }
  | { readonly state: 'approved'; readonly evidence: readonly string[] }
  | { readonly state: 'rejected'; readonly message: string; readonly evidence: readonly string[] }

/** Who may approve when a step names nobody. */
const defaultRoles: readonly (typeof builtInRoles.project)[number][] = ['admin', 'operator']

/** How far an approval step is: by different people, each over exactly what this run writes, each by their newest word. */
export function computeApproval(context: StepContext): ApprovalState {
  const { run, step, stage, target } = context
  const rule = step.approval
  if (rule === undefined) return { state: 'approved', evidence: [] }
  const { approvals } = run.observed
  if (!approvals.known) return { state: 'open', waitingFor: `approvals, which cannot be seen: ${approvals.reason}` }
  const { digest } = run.document.release
  const place = { rollout: run.name, stage: stage.name, step: step.name, target }
  const meant = approvals.value.filter((sight) => isMeantFor(place, sight))
  const { rejection, given, expired } = countApprovals(rule, meant, {
    digest,
    authors: run.document.authors,
    now: run.now,
  })
  if (rejection !== undefined) {
    const why = rejection.note === undefined ? '' : `: ${rejection.note}`
    return {
      state: 'rejected',
      message: `${rejection.userName} rejected it${why}. It can be retried when ${rejection.userName} approves it after all, or the Approval ${rejection.name} is deleted.`,
      evidence: [`rejected by ${rejection.userName} at ${rejection.at}`],
    }
  }
  if (given.length >= rule.count) {
    return { state: 'approved', evidence: given.map(evidenceOf) }
  }
  const late = expired ? '; one that was given has expired' : ''
  const isVoid = meant.some((sight) => sight.digest !== digest)
  const others = isVoid ? '; one is there for other content and does not count' : ''
  return {
    state: 'open',
    waitingFor: `approval ${step.name} (${given.length} of ${rule.count}) by ${whoMay(rule)}${late}${others}`,
  }
}

export interface CountedApprovals {
  readonly rejection: ApprovalSight | undefined
  /** One per person. */
  readonly given: readonly ApprovalSight[]
  /** Somebody's was given too long ago. */
  readonly expired: boolean
}

/** What counts of the words that are meant for a step. */
export function countApprovals(
  rule: ApprovalStep,
  meant: readonly ApprovalSight[],
  { digest, authors, now }: { readonly digest: string; readonly authors: readonly string[]; readonly now: string },
): CountedApprovals {
  const said = new Map<string, ApprovalSight>()
  for (const sight of meant.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at) || (a.name < b.name ? -1 : 1))) {
    if (sight.digest === digest && mayApprove(rule, sight, authors)) said.set(sight.approver, sight)
  }
  const rejection = [...said.values()].find(({ decision }) => decision === 'Rejected')
  const yes = [...said.values()].filter(({ decision }) => decision === 'Approved')
  const given = yes.filter(({ at }) => secondsSince(at, now) <= rule.expiresSeconds)
  return { rejection, given, expired: yes.length > given.length }
}

const evidenceOf = ({ userName, at }: ApprovalSight): string => `approved by ${userName} at ${at}`

/** Whose approvals counted for what a run wrote to a target, as its steps have it: those of stages, and its own. */
export function approversOf(status: RolloutStatus | undefined, place: TargetRef): string[] {
  const own = status?.targets?.find((target) => targetKey(target) === targetKey(place))
  const steps = [...(status?.stages ?? []), ...(own === undefined ? [] : [own])].flatMap((one) => one.steps ?? [])
  const approved = steps.filter(({ phase }) => phase === 'Succeeded').flatMap(({ evidence }) => evidence ?? [])
  const names = approved.flatMap((text) => /^approved by (\S+) at \S+$/.exec(text)?.[1] ?? [])
  return [...new Set(names)].toSorted()
}

/** An approval step of a run; where it is a target's, of which. */
export interface ApprovalPlace {
  readonly rollout: string
  readonly stage: string
  readonly step: string
  readonly target: TargetRef | undefined
}

/** Whether a word is for a step: for it by name, or for all of the release. */
export function isMeantFor(place: ApprovalPlace, { step }: Pick<ApprovalSight, 'step'>): boolean {
  if (step === undefined) return true
  if (step.rollout !== place.rollout || step.stage !== place.stage || step.step !== place.step) return false
  return step.target === undefined || (place.target !== undefined && targetKey(step.target) === targetKey(place.target))
}

export type Approver = Pick<ApprovalSight, 'approver' | 'userName' | 'roles'>

/** Whether somebody's word counts for a step: named or by role, and not the author unless the step allows it. */
export const mayApprove = (rule: ApprovalStep, who: Approver, authors: readonly string[]): boolean =>
  computeVoid(rule, who, authors) === undefined

/** Why somebody's word counts for nothing at a step; undefined: it counts. */
export function computeVoid(
  rule: ApprovalStep,
  { approver, userName, roles }: Approver,
  authors: readonly string[],
): 'author' | 'not-asked' | undefined {
  if (!rule.allowAuthor && authors.includes(approver)) return 'author'
  const nobodyNamed = rule.users === undefined && rule.roles === undefined
  const asked = nobodyNamed
    ? roles.some((role) => isDefaultRole(role))
    : rule.users?.includes(userName) === true || roles.some((role) => rule.roles?.includes(role) === true)
  return asked ? undefined : 'not-asked'
}

const isDefaultRole = (role: string): boolean => defaultRoles.some((one) => one === role)

/** `admin, operator` or `user alice, role auditor`. */
export function whoMay({ users, roles, allowAuthor }: ApprovalStep): string {
  const named = [
    ...(users ?? []).map((name) => `user ${name}`),
    ...(roles ?? (users === undefined ? defaultRoles : [])).map((name) => `role ${name}`),
  ]
  const shown = named.slice(0, 5).join(', ')
  return `${shown}${named.length > 5 ? ' and others' : ''}${allowAuthor ? '' : ', not by its author'}`
}
