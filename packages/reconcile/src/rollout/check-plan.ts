import { type Finding, isRecord, type PlanSpec, type Stage, type Step } from '@flotilla/model'
import { nameSome } from '../name-some.ts'
import { mayApprove, whoMay } from './approvals.ts'
import { isTooMuch } from './fit-targets.ts'
import { assignTargets, type PlannedStep, type SelectableTarget, stepsOfStage } from './stages.ts'
import { later } from './run.ts'
import { isTimeZone, nextOpening } from './windows.ts'

export interface PlanQuestion {
  readonly plan: PlanSpec
  /** Names of the application's components; undefined: no application is meant, or it is not known. */
  readonly components?: readonly string[] | undefined
  /** Of each component, what the release runs in any target; undefined: not known. */
  readonly images?: ReadonlyMap<string, readonly string[]> | undefined
  /** Targets of the release, or all of the application; undefined: not known, so that nothing is said of them. */
  readonly targets?: readonly SelectableTarget[] | undefined
  /** Users who may approve, with their roles in the project; undefined: not known. */
  readonly approvers?:
    | readonly { readonly userName: string; readonly identity: string; readonly roles: readonly string[] }[]
    | undefined
  /** Who wrote what goes out. */
  readonly authors?: readonly string[] | undefined
  readonly now: string
}

/** Something about a plan that a person should know. An `Error` would keep it from ever coming to its end. */
export interface PlanFinding {
  readonly severity: 'Error' | 'Warning'
  readonly code: `plan.${string}`
  /** Path in the Plan. */
  readonly field: string
  readonly value?: string | undefined
  readonly message: string
  readonly remedy: string
}

/** All that is impossible in a plan, found before anything begins. */
export function checkPlan(question: PlanQuestion): PlanFinding[] {
  const { plan, targets } = question
  const assigned = targets === undefined ? undefined : assignTargets(plan, targets)
  const findings = [...checkTimes(question)]
  for (const [index, stage] of plan.stages.entries()) {
    const own = assigned?.stages[index]?.targets
    if (own?.length === 0) {
      const message = `The stage ${stage.name} selects no target that an earlier stage did not take.`
      const field = `spec.stages[${index}].targets`
      const remedy = 'Change its selector or the order of stages, or take the stage out.'
      findings.push({ severity: 'Error', code: 'plan.stage_empty', field, value: stage.name, message, remedy })
    }
    findings.push(...checkLengths(stage, index), ...checkNames(stage, index))
    for (const planned of stepsOfStage(stage, index)) {
      findings.push(...checkStep(question, planned), ...checkPlace(planned, stage, own))
    }
  }
  if (assigned !== undefined) findings.push(...checkSize(assigned))
  if (assigned !== undefined && assigned.left.length > 0) {
    const names = assigned.left.map(({ cluster, namespace }) => `${cluster}/${namespace}`)
    const shown = nameSome(names)
    const message = `No stage selects ${shown}: they have no part in a rollout.`
    const remedy = 'Add a stage without a selector at the end, or leave it so.'
    findings.push({
      severity: 'Warning',
      code: 'plan.targets_left',
      field: 'spec.stages',
      value: shown,
      message,
      remedy,
    })
  }
  return findings
}

/** All that a run says of its targets is in one object, which holds only so much. */
function checkSize({ stages }: ReturnType<typeof assignTargets>): PlanFinding[] {
  const sizes = stages.map(({ stage, targets }) => ({
    name: stage.name,
    targets: targets.length,
    steps: (stage.each?.before?.length ?? 0) + (stage.each?.after?.length ?? 0),
  }))
  if (!isTooMuch(sizes)) return []
  const weightOf = (at: number): number => (sizes[at]?.targets ?? 0) * ((sizes[at]?.steps ?? 0) + 1)
  const heaviest = sizes.reduce((most, _size, at) => (weightOf(at) > weightOf(most) ? at : most), 0)
  const { name = '', targets = 0, steps = 0 } = sizes[heaviest] ?? {}
  const message = `The stage ${name} has ${targets} targets with ${steps} steps each: a rollout cannot keep the records of so many.`
  const field = `spec.stages[${heaviest}].each`
  const remedy = 'Make steps of the stage of some of them, or start it for fewer targets at a time.'
  return [{ severity: 'Error', code: 'plan.too_much', field, value: name, message, remedy }]
}

/** As a status holds it: what to do stands in the message. */
export function toFinding({ severity, code, field, message, remedy }: PlanFinding): Finding {
  return { severity, code, field, message: `${message} ${remedy}` }
}

function checkTimes({ plan, now }: PlanQuestion): PlanFinding[] {
  const { timeZone, freezes = [] } = plan
  if (!isTimeZone(timeZone)) {
    const message = `There is no time zone ${timeZone}.`
    const remedy = 'Give a name of the IANA list, such as Europe/Berlin or Asia/Shanghai.'
    return [{ severity: 'Error', code: 'plan.time_zone', field: 'spec.timeZone', value: timeZone, message, remedy }]
  }
  const findings = freezes.flatMap(({ from, to }, index): PlanFinding[] => {
    if (Date.parse(from) < Date.parse(to)) return []
    const field = `spec.freezes[${index}].to`
    const message = `The freeze ends at ${to}, before it begins at ${from}.`
    return [{ severity: 'Error', code: 'plan.freeze_order', field, value: to, message, remedy: 'Swap the two.' }]
  })
  const opens = nextOpening(plan, Date.parse(now))
  const [first] = plan.stages
  if (first === undefined) return findings
  const deadline = later(now, first.deadlineSeconds)
  if (opens !== undefined && opens <= Date.parse(deadline)) return findings
  const when = opens === undefined ? 'never open' : `not open before ${new Date(opens).toISOString()}`
  const message = `Its windows and freezes are ${when}, and the time of stage ${first.name} is over at ${deadline}.`
  const remedy = 'Give the stage more time (deadlineSeconds), or change spec.windows or spec.freezes.'
  return [...findings, { severity: 'Error', code: 'plan.window_closed', field: 'spec.windows', message, remedy }]
}

/** What a stage has to wait for anyway has to fit into its time. */
function checkLengths(stage: Stage, index: number): PlanFinding[] {
  const waits = stepsOfStage(stage, index).reduce((sum, { step }) => sum + (step.wait?.seconds ?? 0), 0)
  const least = waits + stage.soakSeconds
  if (least < stage.deadlineSeconds) return []
  const message = `The stage ${stage.name} takes at least ${least} s with its waits and its soak, and may take ${stage.deadlineSeconds} s.`
  const field = `spec.stages[${index}].deadlineSeconds`
  const remedy = `Raise it above ${least}.`
  return [
    { severity: 'Error', code: 'plan.stage_too_short', field, value: String(stage.deadlineSeconds), message, remedy },
  ]
}

/** A person names a step by stage and name, so that it has to be one. */
function checkNames(stage: Stage, index: number): PlanFinding[] {
  const seen = new Set<string>()
  return stepsOfStage(stage, index).flatMap(({ step: { name }, each, field }): PlanFinding[] => {
    const key = `${String(each)}/${name}`
    if (!seen.has(key)) {
      seen.add(key)
      return []
    }
    const message = `Two steps of the stage ${stage.name} are called ${name}.`
    const remedy = 'Give one of them another name: before and after share their names.'
    return [{ severity: 'Error', code: 'plan.step_twice', field: `${field}.name`, value: name, message, remedy }]
  })
}

type JobOf = Pick<NonNullable<Step['job']>, 'imagesOf' | 'template'>

/** The images of a component are put in by their names: a template that has none of them would run some other version. */
function checkImages({ images }: PlanQuestion, job: JobOf | undefined, field: string): PlanFinding[] {
  const component = job?.imagesOf
  const known = component === undefined ? undefined : images?.get(component)
  if (job === undefined || component === undefined || known === undefined) return []
  const inTemplate = new Set(imagesIn(job.template).map(lastName))
  if (known.map(lastName).some((name) => inTemplate.has(name))) return []
  const has = known.length === 0 ? 'none' : known.slice(0, 5).join(', ')
  const message = `No image of ${component} is in the template of the Job; the release has ${has}.`
  const remedy = 'Name one of them in a container, or leave imagesOf out.'
  return [{ severity: 'Error', code: 'plan.images', field: `${field}.imagesOf`, value: component, message, remedy }]
}

function imagesIn(template: Readonly<Record<string, unknown>>): string[] {
  const { spec } = template
  if (!isRecord(spec)) return []
  return [spec['initContainers'], spec['containers']].flatMap((list) =>
    Array.isArray(list)
      ? list.flatMap((one: unknown) => (isRecord(one) && typeof one['image'] === 'string' ? [one['image']] : []))
      : [],
  )
}

/** Without registry, folders, tag and digest: who reads the whole name comes later. */
const lastName = (image: string): string => /([^/:@]*)(:[^/@]*)?(@.*)?$/.exec(image)?.[1] ?? image

function checkStep(question: PlanQuestion, planned: PlannedStep): PlanFinding[] {
  const { components, approvers, authors = [] } = question
  const { step, field } = planned
  const findings: PlanFinding[] = [
    ...checkImages(question, step.job, `${field}.job`),
    ...checkImages(question, step.test?.job, `${field}.test.job`),
  ]
  const named = [
    [step.job?.imagesOf, `${field}.job.imagesOf`],
    [step.test?.job?.imagesOf, `${field}.test.job.imagesOf`],
    [step.test?.helm?.component, `${field}.test.helm.component`],
  ] as const
  for (const [component, path] of named) {
    if (component === undefined || components === undefined || components.includes(component)) continue
    const message = `The application has no component ${component}, which the step ${step.name} names.`
    const remedy = components.length === 0 ? 'It has none at all.' : `It has ${components.slice(0, 10).join(', ')}.`
    findings.push({ severity: 'Error', code: 'plan.component', field: path, value: component, message, remedy })
  }
  const { approval, analysis, job } = step
  if (approval !== undefined && approvers !== undefined) {
    const can = approvers.filter(({ identity, ...who }) =>
      mayApprove(approval, { ...who, approver: identity }, authors),
    )
    if (can.length < approval.count) {
      const who = `${approval.count} of ${whoMay(approval)}`
      const message = `The approval ${step.name} asks for ${who}, and ${can.length === 0 ? 'there is nobody' : `there are only ${can.length}`}.`
      const remedy = 'Name others, ask for fewer, give somebody the role, or set allowAuthor.'
      const path = `${field}.approval`
      findings.push({ severity: 'Error', code: 'plan.approval_nobody', field: path, value: step.name, message, remedy })
    }
  }
  const measuring = analysis === undefined ? 0 : analysis.intervalSeconds * (analysis.samples - 1)
  if (analysis !== undefined && measuring >= step.timeoutSeconds) {
    const message = `The analysis ${step.name} takes ${measuring} s, and may take ${step.timeoutSeconds} s.`
    const path = `${field}.timeoutSeconds`
    const value = String(step.timeoutSeconds)
    findings.push({ severity: 'Error', code: 'plan.step_too_short', field: path, value, message, remedy: 'Raise it.' })
  }
  if (job?.migration !== undefined && step.during.includes('Rollback')) {
    const message = `The migration ${step.name} names Rollback, and no rollback ever runs a migration.`
    const remedy = 'Take Rollback out of it, or the migration out of the step.'
    const path = `${field}.during`
    findings.push({ severity: 'Warning', code: 'plan.migration_back', field: path, value: step.name, message, remedy })
  }
  return findings
}

function checkPlace(
  { step, field }: PlannedStep,
  stage: Stage,
  own: readonly SelectableTarget[] | undefined,
): PlanFinding[] {
  const cluster = step.job?.cluster
  if (cluster === undefined || own === undefined || own.some((target) => target.cluster === cluster)) return []
  const message = `The stage ${stage.name} has no target in the cluster ${cluster}, where the step ${step.name} is to run.`
  const remedy = 'Name a cluster of this stage, or move the step to the stage that has it.'
  return [
    { severity: 'Error', code: 'plan.job_cluster', field: `${field}.job.cluster`, value: cluster, message, remedy },
  ]
}
