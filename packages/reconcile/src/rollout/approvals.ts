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
  const { run, step } = context
  const rule = step.approval
  if (rule === undefined) return { state: 'approved', evidence: [] }
  const { approvals } = run.observed
  if (!approvals.known) return { state: 'open', waitingFor: `approvals, which cannot be seen: ${approvals.reason}` }
  const meant = approvals.value.filter((sight) => isMeant(context, sight))
  const said = new Map<string, ApprovalSight>()
  for (const sight of meant.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at) || (a.name < b.name ? -1 : 1))) {
    if (sight.digest === run.document.release.digest && mayApprove(rule, sight, run.document.authors))
      said.set(sight.approver, sight)
  }
  const rejection = [...said.values()].find(({ decision }) => decision === 'Rejected')
  if (rejection !== undefined) {
    const why = rejection.note === undefined ? '' : `: ${rejection.note}`
    return {
      state: 'rejected',
      message: `${rejection.userName} rejected it${why}. It can be retried when the Approval ${rejection.name} is deleted.`,
      evidence: [`rejected by ${rejection.userName} at ${rejection.at}`],
    }
  }
  const given = [...said.values()].filter(({ at }) => secondsSince(at, run.now) <= rule.expiresSeconds)
  if (given.length >= rule.count) {
    return { state: 'approved', evidence: given.map(evidenceOf) }
  }
  const expired = said.size > given.length ? '; one that was given has expired' : ''
  const isVoid = meant.some(({ digest }) => digest !== run.document.release.digest)
  const others = isVoid ? '; one is there for other content and does not count' : ''
  return {
    state: 'open',
    waitingFor: `approval ${step.name} (${given.length} of ${rule.count}) by ${whoMay(rule)}${expired}${others}`,
  }
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

function isMeant({ run, stage, target, step }: StepContext, sight: ApprovalSight): boolean {
  if (sight.step === undefined) return true
  return (
    sight.step.rollout === run.name &&
    sight.step.stage === stage.name &&
    sight.step.step === step.name &&
    (sight.step.target === undefined || (target !== undefined && targetKey(sight.step.target) === targetKey(target)))
  )
}

/** Whether somebody's word counts for a step: named or by role, and not the author unless the step allows it. */
export function mayApprove(
  rule: ApprovalStep,
  who: { readonly approver: string; readonly userName: string; readonly roles: readonly string[] },
  authors: readonly string[],
): boolean {
  if (!rule.allowAuthor && authors.includes(who.approver)) return false
  if (rule.users === undefined && rule.roles === undefined) return who.roles.some((role) => isDefaultRole(role))
  return rule.users?.includes(who.userName) === true || who.roles.some((role) => rule.roles?.includes(role) === true)
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
