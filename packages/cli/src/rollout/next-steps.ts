import type { RolloutDetail, RolloutTargetView, StepView } from '@flotilla/api'
import { findUncertainHook } from '@flotilla/model/uncertain-hook'
import { type PlacedStep, placedSteps } from './placed-steps.ts'

const mostOfSteps = 5
const mostTargets = 3

/** Commands with which a person can go on from here, and why. */
export function nextSteps(detail: RolloutDetail): string[] {
  const rollout = `${detail.project}/${detail.name}`
  // many targets may wait for one approval
  const ofSteps = [...new Set(placedSteps(detail).flatMap((placed) => ofStep(detail, placed)))]
  if (detail.phase === 'Failed' || detail.phase === 'Aborted')
    return [
      ...ofSteps.slice(0, mostOfSteps),
      ...(leavesChanged(detail) ? [`take back what was changed: ${rollBackOf(rollout)}`] : []),
    ]
  if (detail.phase !== 'Paused') return ofSteps.slice(0, mostOfSteps)
  if (detail.paused !== undefined)
    return [...ofSteps.slice(0, mostOfSteps), `go on: flotilla rollout resume ${rollout}`]
  return [
    ...ofSteps.slice(0, mostOfSteps),
    ...ofFailed(detail, rollout),
    // a step that stands in the way is not gone past
    ...(isAtStep(detail) ? [] : [`go on past what failed: flotilla rollout resume ${rollout}`]),
    ...(detail.action === 'Release' ? [`take all of it back: ${rollBackOf(rollout)}`] : []),
  ]
}

const rollBackOf = (rollout: string): string => `flotilla rollout rollback ${rollout} --reason "..."`

/** Targets of these phases have what they had before. */
const unchanged: ReadonlySet<string> = new Set(['Pending', 'PreHooks', 'RolledBack'])

/** A run that has ended left something of it in a target. */
const leavesChanged = ({ action, startedAt, stages }: RolloutDetail): boolean =>
  action === 'Release' &&
  startedAt !== undefined &&
  stages.some(({ targets }) => targets.some(({ phase }) => !unchanged.has(phase)))

const atSteps: ReadonlySet<string> = new Set(['StepFailed', 'StepUncertain', 'ApprovalRejected'])
const isAtStep = ({ reason = '' }: RolloutDetail): boolean => atSteps.has(reason)

function ofFailed({ stages }: RolloutDetail, rollout: string): string[] {
  const all = stages.flatMap(({ targets }) => targets.filter(({ phase }) => phase === 'Failed'))
  const failed = all.filter(({ message }) => findUncertainHook(message) === undefined)
  const hooks = all.flatMap((target) => ofHook(target, rollout)).slice(0, mostTargets)
  return [...hooks, ...ofRetries(failed, rollout)]
}

/** It is said how its hook ended first, which tries the target again. */
function ofHook({ cluster, namespace, message }: RolloutTargetView, rollout: string): string[] {
  const hook = findUncertainHook(message)
  if (hook === undefined) return []
  const which = `--target ${cluster}/${namespace} --hook ${hook}`
  return [
    `say how hook ${hook} ended in ${cluster}/${namespace}, which has to be found out: flotilla rollout resolve ${rollout} ${which} --outcome Succeeded|Failed --reason "..."`,
  ]
}

function ofRetries(failed: readonly RolloutTargetView[], rollout: string): string[] {
  if (failed.length > mostTargets)
    return [`try the ${failed.length} targets that failed again: flotilla rollout retry ${rollout}`]
  return failed.map(({ cluster, namespace }) => {
    const target = `${cluster}/${namespace}`
    return `try ${target} again: flotilla rollout retry ${rollout} --target ${target}`
  })
}

const approveOf = ({ project, release, name }: RolloutDetail, stage: string, step: StepView): string =>
  `flotilla approve ${project}/${release} --rollout ${name} --stage ${stage} --step ${step.name}`

/** Who said no may think again: their newest word counts. */
const afterAll = (detail: RolloutDetail, stage: string, step: StepView): string[] =>
  step.type === 'approval' ? [`approve it after all, as who rejected it: ${approveOf(detail, stage, step)}`] : []

function ofStep(detail: RolloutDetail, { stage, target, step }: PlacedStep): string[] {
  const rollout = `${detail.project}/${detail.name}`
  const where = target === undefined ? '' : ` --target ${target.cluster}/${target.namespace}`
  const which = `--stage ${stage.name} --step ${step.name}${where}`
  const log = step.hasLog ? [`read what ${step.name} printed: flotilla rollout logs ${rollout} ${which}`] : []
  switch (step.phase) {
    case 'Uncertain':
      return [
        ...log,
        `say how ${step.name} ended, which has to be found out: flotilla rollout resolve ${rollout} ${which} --outcome Succeeded|Failed --reason "..."`,
      ]
    case 'Failed':
      // what failed in a target is tried again with the target
      return target === undefined && detail.phase === 'Paused'
        ? [
            ...log,
            ...afterAll(detail, stage.name, step),
            `try ${step.name} again: flotilla rollout retry ${rollout} --stage ${stage.name}`,
          ]
        : log
    case 'Intended':
    case 'Running':
      return step.type === 'approval' ? [`approve it: ${approveOf(detail, stage.name, step)}`] : []
    case 'Planned':
    case 'Succeeded':
    case 'Skipped':
      return []
    default:
      return step.phase satisfies never
  }
}
