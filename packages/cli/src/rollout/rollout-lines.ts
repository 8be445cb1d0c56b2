import type { RolloutDetail, RolloutStageView, StepView } from '@flotilla/api'

/** One line of a run: a stage, one of its targets, or a step. */
export interface RolloutLine {
  readonly stage: string
  /** Empty for the stage itself. */
  readonly what: string
  /** As it stands below its stage or target. */
  readonly label: string
  readonly phase: string
  readonly since: string | undefined
  readonly note: string
  /** Nothing to look at: not begun yet, or well ended. */
  readonly quiet: boolean
}

const quietPhases: ReadonlySet<string> = new Set(['Planned', 'Pending', 'Succeeded', 'Skipped', 'RolledBack'])

/** A run as lines, in the order in which it goes. */
export function rolloutLines({ stages }: Pick<RolloutDetail, 'stages'>): RolloutLine[] {
  return stages.flatMap((stage) => [
    {
      stage: stage.name,
      what: '',
      label: stage.name,
      phase: stage.phase,
      since: stage.since,
      note: stage.message ?? '',
      quiet: false,
    },
    ...stepLines(stage, stage.steps, 'before'),
    ...targetLines(stage),
    ...stepLines(stage, stage.steps, 'after'),
  ])
}

function targetLines(stage: RolloutStageView): RolloutLine[] {
  return stage.targets.flatMap((target) => {
    const what = `${target.cluster}/${target.namespace}`
    const { phase, since, unknownSince } = target
    const line: RolloutLine = {
      stage: stage.name,
      what,
      label: `  ${what}`,
      phase,
      since,
      note: noteOf([
        target.attempt > 1 ? `attempt ${target.attempt}` : undefined,
        unknownSince === undefined ? undefined : `cannot be seen since ${unknownSince}`,
        target.waitingFor === undefined ? undefined : `waits for ${target.waitingFor}`,
        target.message,
      ]),
      quiet: quietPhases.has(phase) && unknownSince === undefined,
    }
    // what has not begun in a target says no more than the plan
    const begun = target.steps.filter((step) => step.phase !== 'Planned')
    return [line, ...stepLines(stage, begun, 'before', `${what} `), ...stepLines(stage, begun, 'after', `${what} `)]
  })
}

function stepLines(
  stage: RolloutStageView,
  steps: readonly StepView[],
  list: StepView['list'],
  where = '',
): RolloutLine[] {
  return steps
    .filter((step) => step.list === list)
    .map((step) => ({
      stage: stage.name,
      what: `${where}${list} ${step.name}`,
      label: `${where === '' ? '  ' : '    '}${list} ${step.name}`,
      phase: step.phase,
      since: step.endedAt ?? step.since,
      note: noteOf([
        step.migration ? 'migration' : undefined,
        (step.attempt ?? 1) > 1 ? `attempt ${step.attempt}` : undefined,
        approvalNote(step),
        step.waitingFor === undefined ? undefined : `waits for ${step.waitingFor}`,
        step.message,
        ...step.evidence.slice(-2),
        step.job === undefined ? undefined : `Job ${step.job.cluster}/${step.job.namespace}/${step.job.name}`,
      ]),
      quiet: quietPhases.has(step.phase),
    }))
}

/** Who may, while nothing else says it. */
function approvalNote({ approval, phase, waitingFor }: StepView): string | undefined {
  if (approval === undefined || phase === 'Succeeded' || waitingFor !== undefined) return undefined
  return `${approval.given.length} of ${approval.count}, by ${approval.who}`
}

const noteOf = (parts: readonly (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined && part !== '').join('; ')

/** At most `most` lines of each stage: first what is to be looked at, then how many others there are in which phase. */
export function shortenLines(lines: readonly RolloutLine[], most: number): RolloutLine[] {
  const stages = new Map<string, RolloutLine[]>()
  for (const line of lines) stages.set(line.stage, [...(stages.get(line.stage) ?? []), line])
  return [...stages.values()].flatMap((ofStage) => (ofStage.length <= most ? ofStage : shortenStage(ofStage, most)))
}

function shortenStage(lines: readonly RolloutLine[], most: number): RolloutLine[] {
  const kept = lines.filter(({ quiet }) => !quiet).slice(0, most)
  const shown = new Set(kept)
  const left = lines.filter((line) => !shown.has(line))
  const phases = new Map<string, number>()
  for (const { phase } of left) phases.set(phase, (phases.get(phase) ?? 0) + 1)
  const more: RolloutLine = {
    stage: lines[0]?.stage ?? '',
    what: 'more',
    label: `  ... ${left.length} more`,
    phase: '',
    since: undefined,
    note: [...phases].map(([phase, count]) => `${count} ${phase}`).join(', '),
    quiet: true,
  }
  return [...kept, more]
}

/** What is new in a run since it was shown last, one line each; of a run that was not shown yet, what has begun. */
export function changedLines(before: RolloutDetail | undefined, now: RolloutDetail): string[] {
  const shown = new Map((before === undefined ? [] : texts(before)).map(([key, text]) => [key, text]))
  return texts(now).flatMap(([key, text, begun]) =>
    shown.get(key) === text || (before === undefined && !begun) ? [] : [text],
  )
}

function texts(detail: RolloutDetail): [key: string, text: string, begun: boolean][] {
  const { name, phase, reason, message, waitingFor } = detail
  const why = noteOf([reason, message, waitingFor === undefined ? undefined : `waits for ${waitingFor}`])
  return [
    [name, `${name}: ${phase}${why === '' ? '' : `: ${why}`}`, true],
    ...rolloutLines(detail).map(({ stage, what, phase: of, note }): [string, string, boolean] => [
      `${stage} ${what}`,
      `${stage}${what === '' ? '' : ` ${what}`}: ${of}${note === '' ? '' : `: ${note}`}`,
      of !== 'Planned' && of !== 'Pending',
    ]),
  ]
}
