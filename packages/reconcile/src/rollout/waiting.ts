import { kindOfStep, type RolloutStage, type RolloutTarget, targetKey } from '@flotilla/model'
import { isApart } from './asked-steps.ts'
import type { Pause } from './failures.ts'
import {
  hasStepInHand,
  isDone,
  isInHand,
  isPassed,
  later,
  type Progress,
  type Run,
  secondsSince,
  soakSecondsOf,
} from './run.ts'
import { eachRecord } from './steps.ts'
import { movingPhases } from './target-step.ts'

/** What the run as a whole waits for, in words that hold still while the reason does. */
export function computeWaitingFor(run: Run, progress: Progress, pause: Pause | undefined): string {
  if (pause !== undefined) return pause.waitingFor
  const stage = progress.stages.find((one) => !isPassed(one))
  const open = stage === undefined ? undefined : waitOfStage(run, progress, stage)
  if (open !== undefined) return open
  const late = progress.targets.filter((target) => !isDone(target))
  if (late.length > 0) return `targets that were left for later: ${targetsText(late)}`
  const step = [...eachRecord(run, progress)].find(({ record }) => isInHand(record))
  return step?.record.waitingFor ?? (stage === undefined ? 'its end' : `stage ${stage.name} to begin`)
}

function waitOfStage({ now }: Run, progress: Progress, stage: RolloutStage): string | undefined {
  const { targets } = progress
  const step = stage.steps?.find((record) => isInHand(record))
  const waitingFor = step?.waitingFor ?? stage.waitingFor
  // a person who is asked for one is told why it counts all the same
  const apart = isApart(progress, stage) ? ', of which no target changes in this run' : ''
  if (waitingFor !== undefined) return `stage ${stage.name}${apart}: ${waitingFor}`
  const own = targets.filter((target) => target.stage === stage.name && !isDone(target))
  const moving = own.filter(({ phase }) => movingPhases.has(phase))
  const shown = moving.length > 0 ? moving : own.filter(({ phase }) => phase !== 'Deferred')
  if (shown.length > 0) return `stage ${stage.name}: ${targetsText(shown)}`
  return secondsSince(stage.since, now) === 0 ? `stage ${stage.name} to begin` : undefined
}

function targetsText(targets: readonly RolloutTarget[]): string {
  const [first] = targets
  if (first === undefined) return ''
  const step = first.steps?.find((record) => isInHand(record))
  const rest = targets.length === 1 ? '' : ` (and others)`
  return `${targetKey(first)}: ${step?.waitingFor ?? first.waitingFor ?? first.phase}${rest}`
}

/** How soon to look again, where nothing that is watched says so. */
const stepSeconds = 2
const movingSeconds = 15
const idleSeconds = 60

/** Seconds until time alone changes something, at most. */
export function computeNextLook(run: Run, progress: Progress, effects: number): number {
  const { now } = run
  const outside = [...eachRecord(run, progress)].some(
    ({ context, record }) =>
      (isInHand(record) || record.held === true) && !['wait', 'approval'].includes(kindOfStep(context.step)),
  )
  if (effects > 0 || outside) return stepSeconds
  const moving = progress.targets.some(
    ({ phase, unknownSince }) => movingPhases.has(phase) && unknownSince === undefined,
  )
  const ends = timers(run, progress).map((end) => Math.ceil(-secondsSince(end, now)))
  const soonest = Math.min(...ends.filter((seconds) => seconds > 0), moving ? movingSeconds : idleSeconds)
  return Math.max(1, soonest)
}

function timers(run: Run, progress: Progress): string[] {
  const waits = [...eachRecord(run, progress)].flatMap(({ context, record }) =>
    context.step.wait !== undefined && isInHand(record) ? [later(record.since, context.step.wait.seconds)] : [],
  )
  const soaks = progress.targets.flatMap((target) => {
    const stage = run.stages.find(({ name }) => name === target.stage)
    return target.phase === 'Soaking' && stage !== undefined ? [later(target.since, soakSecondsOf(run, stage))] : []
  })
  const deadlines = progress.stages.flatMap(({ deadlineAt }) => (deadlineAt === undefined ? [] : [deadlineAt]))
  return [...waits, ...soaks, ...deadlines]
}

/** Whether only a person gets it on: nothing is at work that could change anything. */
export function isStalled({ stages, targets }: Progress, pause: Pause | undefined): boolean {
  if (pause === undefined) return false
  const moves = targets.some((target) => hasStepInHand(target) || movingPhases.has(target.phase))
  return !moves && !stages.some((stage) => hasStepInHand(stage))
}
