import type { PlanSpec, Stage, Step } from '@flotilla/model'
import type { Io } from '../io.ts'
import { paint } from './colour.ts'
import { neutraliseLine } from './neutralise.ts'
import { span } from './span.ts'
import { stepText } from './step-text.ts'

export interface ShownPlan {
  readonly project: string
  readonly name: string
  readonly spec: PlanSpec
}

/** A plan as its stages and steps, in the order in which they go. */
export function planText(io: Io, { project, name, spec }: ShownPlan): string {
  const { description, windows = [], timeZone, freezes = [], whenBusy, stages } = spec
  const about = description === undefined ? '' : `  ${description}`
  const head = [
    `${paint(io, 'bold', neutraliseLine(`${project}/${name}`))}${neutraliseLine(about)}`,
    ...windows.map(({ days, from, to }) =>
      neutraliseLine(
        `Targets begin only ${days === undefined ? 'every day' : days.join(', ')} from ${from} to ${to}${to < from ? ' of the next day' : ''}, ${timeZone}`,
      ),
    ),
    ...freezes.map(({ from, to, reason }) => neutraliseLine(`No target begins from ${from} to ${to}: ${reason}`)),
    `When another rollout has a target in hand: ${whenBusy === 'Queue' ? 'it waits' : 'it takes its place'}`,
  ]
  return [`${head.join('\n')}\n`, ...stages.map((stage, at) => stageText(io, stage, at + 1))].join('\n')
}

function stageText(io: Io, stage: Stage, number: number): string {
  const { before = [], after = [], each = {} } = stage
  const lines = [
    paint(io, 'bold', `${number}. ${stage.name}`) +
      neutraliseLine(`  ${whereText(stage)}, ${stage.maxConcurrency} at a time`),
    ...stepLines('once, first', before),
    ...stepLines('in each', each.before ?? []),
    `   in each      apply, and wait until it is healthy`,
    ...stepLines('in each', each.after ?? []),
    ...(stage.soakSeconds > 0 ? [`   in each      stays healthy for ${span(stage.soakSeconds)}`] : []),
    ...stepLines('once, last', after),
    `   Failure: ${failureText(stage)}. Offline: ${offlineText[stage.offline]}. Deadline: ${span(stage.deadlineSeconds)}`,
  ]
  return `${lines.join('\n')}\n`
}

const stepLines = (when: string, steps: readonly Step[]): string[] =>
  steps.map((step) => neutraliseLine(`   ${when.padEnd(11)}  ${step.name}: ${stepText(step)}`))

const offlineText = {
  Wait: 'waits for the cluster',
  Defer: 'goes on without it and does it when the cluster is back',
  Fail: 'counts as failed',
} as const satisfies Record<Stage['offline'], string>

const failures = {
  Pause: 'pauses',
  RollbackTarget: 'takes the target back',
  RollbackStage: 'takes the stage back',
  Continue: 'goes on',
} as const satisfies Record<Stage['onFailure'], string>

const failureText = ({ maxFailures, onFailure }: Stage): string =>
  `${failures[onFailure]}${maxFailures === 0 ? '' : ` after more than ${maxFailures} failed`}`

/** Which targets a stage takes. */
function whereText({ targets: { clusters, environments } }: Stage): string {
  const { matchLabels = {}, matchExpressions = [] } = clusters?.selector ?? {}
  const labels = [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(({ key, operator, values = [] }) => `${key} ${operator} ${values.join(',')}`.trim()),
  ]
  const parts = [
    ...(environments === undefined ? [] : [`environment ${environments.join(' or ')}`]),
    ...(clusters?.names === undefined ? [] : [`clusters ${clusters.names.join(', ')}`]),
    ...(labels.length === 0 ? [] : [`clusters with ${labels.join(', ')}`]),
  ]
  return parts.length === 0 ? 'all targets that are left' : parts.join('; ')
}
