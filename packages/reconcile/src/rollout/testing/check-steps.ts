import {
  type ApprovalStep,
  kindOfStep,
  type Rollout,
  type RolloutDocument,
  type RolloutDocumentTarget,
  type RolloutStatus,
  type Stage,
  type Step,
  type StepRecord,
  type StepRef,
  type TargetRef,
  targetKey,
} from '@flotilla/model'
import type { RolloutWorld } from './rollout-world.ts'

const nameOf = ({ stage, step, target }: StepRef): string =>
  [stage, ...(target === undefined ? [] : [targetKey(target)]), step].join('/')

/** Steps before a write that the run goes through, with what the status says of them. */
function* stepsBefore(
  { action, targets }: RolloutDocument,
  stage: Stage,
  status: RolloutStatus | undefined,
  target: RolloutDocumentTarget,
): Generator<{ readonly ref: StepRef; readonly step: Step; readonly record: StepRecord | undefined }> {
  const isMeant = ({ during, job }: Step): boolean =>
    during.includes(action) && (action === 'Release' || job?.migration === undefined)
  const find = (steps: readonly StepRecord[] | undefined, name: string) => steps?.find((one) => one.name === name)
  const ofStage = status?.stages?.find(({ name }) => name === stage.name)?.steps
  const own = targets.filter((one) => one.stage === stage.name && !isLeftOut(status, one))
  const isStagesOwn = own.some(({ want }) => hasContent(want))
    ? isMeant
    : (step: Step) => isMeant(step) && !isOfContent(step)
  for (const step of stage.before ?? [])
    if (isStagesOwn(step)) yield { ref: { stage: stage.name, step: step.name }, step, record: find(ofStage, step.name) }
  const place = { cluster: target.cluster, namespace: target.namespace }
  const ofTarget = status?.targets?.find((one) => targetKey(one) === targetKey(target))?.steps
  for (const step of stage.each?.before ?? []) {
    const ref = { stage: stage.name, step: step.name, target: place }
    if (isMeant(step) && (hasContent(target.want) || step.approval !== undefined))
      yield { ref, step, record: find(ofTarget, step.name) }
  }
}

const isLeftOut = (status: RolloutStatus | undefined, target: TargetRef): boolean =>
  status?.targets?.find((one) => targetKey(one) === targetKey(target))?.phase === 'Skipped'
const hasContent = (want: RolloutDocumentTarget['want']): boolean => (want?.components.length ?? 0) > 0
const isOfContent = (step: Step): boolean => ['job', 'test', 'analysis'].includes(kindOfStep(step))

/** What of the steps before a write keeps it from being made: all have succeeded, or a person went past them by name. */
export function findStepsInTheWay(
  world: RolloutWorld,
  { metadata, spec, status }: Rollout,
  document: RolloutDocument,
  stage: Stage,
  target: RolloutDocumentTarget,
): string[] {
  const skips = new Set(spec.control.skips.flatMap(({ step }) => (step === undefined ? [] : [nameOf(step)])))
  return [...stepsBefore(document, stage, status, target)].flatMap(({ ref, step, record }) => {
    if (record?.phase === 'Skipped')
      return skips.has(nameOf(ref)) ? [] : [`past its step ${step.name}, which nobody skipped`]
    if (record?.phase !== 'Succeeded') return [`before its step ${step.name} was done`]
    const { approval } = step
    const isCounted = approval === undefined || world.approved.has(`${metadata.name}/${nameOf(ref)}`)
    return isCounted ? [] : [`without the ${approval.count} approvals of ${step.name}`]
  })
}

/** Approvals of earlier stages that a write goes past, whatever became of the targets of those stages. */
export function findApprovalsInTheWay(
  world: RolloutWorld,
  { metadata, status }: Rollout,
  { action, plan }: RolloutDocument,
  stage: Stage,
): string[] {
  if (action === 'Rollback') return []
  return plan.stages.slice(0, plan.stages.indexOf(stage)).flatMap(({ name, before = [], after = [] }) => {
    const records = status?.stages?.find((one) => one.name === name)?.steps
    return [...before, ...after].flatMap(({ name: step, approval, during }) => {
      if (approval === undefined || !during.includes('Release')) return []
      const isDone = records?.find((one) => one.name === step)?.phase === 'Succeeded'
      const isCounted = world.approved.has(`${metadata.name}/${nameOf({ stage: name, step })}`)
      return isDone && isCounted ? [] : [`past the approval ${step} of the earlier stage ${name}`]
    })
  })
}

/** Of approvals that succeed now, those that too few people gave: what was enough is remembered. */
export function findUnapproved(world: RolloutWorld, { metadata, status: before }: Rollout, status: RolloutStatus) {
  const document = world.documents.get(metadata.uid ?? '')?.document
  if (document === undefined) return []
  const found: string[] = []
  for (const stage of document.plan.stages) {
    const holders = [
      { target: undefined, lists: [stage.before, stage.after] },
      ...document.targets
        .filter((target) => target.stage === stage.name)
        .map((target) => ({ target, lists: [stage.each?.before, stage.each?.after] })),
    ]
    for (const { target, lists } of holders) {
      const recordIn = (of: RolloutStatus | undefined, name: string): StepRecord | undefined =>
        (target === undefined
          ? of?.stages?.find((one) => one.name === stage.name)
          : of?.targets?.find((one) => targetKey(one) === targetKey(target))
        )?.steps?.find((one) => one.name === name)
      for (const { name, approval } of lists.flatMap((list) => list ?? [])) {
        const [then, now] = [recordIn(before, name), recordIn(status, name)]
        if (approval === undefined || now?.phase !== 'Succeeded' || then?.phase === 'Succeeded') continue
        const place = target && { cluster: target.cluster, namespace: target.namespace }
        const key = nameOf({ stage: stage.name, step: name, ...(place === undefined ? {} : { target: place }) })
        if (isApproved(world, document, approval)) world.approved.add(`${metadata.name}/${key}`)
        else found.push(`${key} counts as approved, by too few`)
      }
    }
  }
  return found
}

/** Counted here in its own words: the newest of each person, over exactly what goes out, and not by who wrote it. */
function isApproved(world: RolloutWorld, { release, authors }: RolloutDocument, rule: ApprovalStep): boolean {
  if (world.blind.has('approvals')) return false
  const words = new Map<string, { readonly decision: string; readonly at: number }>()
  for (const { approver, digest, decision, at } of world.approvals) {
    const said = { decision, at: Date.parse(at) }
    const isOlder = said.at < (words.get(approver)?.at ?? said.at)
    if (digest === release.digest && !authors.includes(approver) && !isOlder) words.set(approver, said)
  }
  const valid = [...words.values()].filter(({ at }) => world.now - at <= rule.expiresSeconds * 1000)
  const isRejected = [...words.values()].some(({ decision }) => decision === 'Rejected')
  return !isRejected && valid.filter(({ decision }) => decision === 'Approved').length >= rule.count
}
