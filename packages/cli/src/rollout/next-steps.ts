import type { RolloutDetail } from '@flotilla/api'
import { type PlacedStep, placedSteps } from './placed-steps.ts'

const most = 8

/** Commands with which a person can go on from here, and why. */
export function nextSteps(detail: RolloutDetail): string[] {
  const rollout = `${detail.project}/${detail.name}`
  const lines = placedSteps(detail).flatMap((placed) => ofStep(detail, placed))
  if (detail.phase === 'Paused' && detail.paused === undefined) {
    for (const { name, targets } of detail.stages)
      for (const { cluster, namespace, phase } of targets)
        if (phase === 'Failed')
          lines.push(
            `try ${cluster}/${namespace} of ${name} again: flotilla rollout retry ${rollout} --target ${cluster}/${namespace}`,
          )
    lines.push(`go on past what failed: flotilla rollout resume ${rollout}`)
    if (detail.action === 'Release')
      lines.push(`take all of it back: flotilla rollout rollback ${rollout} --reason "..."`)
  } else if (detail.phase === 'Paused') lines.push(`go on: flotilla rollout resume ${rollout}`)
  return lines.slice(0, most)
}

function ofStep(detail: RolloutDetail, { stage, target, step }: PlacedStep): string[] {
  const rollout = `${detail.project}/${detail.name}`
  const where = target === undefined ? '' : ` --target ${target.cluster}/${target.namespace}`
  const which = `--stage ${stage.name} --step ${step.name}${where}`
  const log = step.hasLog ? [`what ${step.name} printed: flotilla rollout logs ${rollout} ${which}`] : []
  switch (step.phase) {
    case 'Uncertain':
      return [
        ...log,
        `nobody knows how ${step.name} ended; find it out, then: flotilla rollout resolve ${rollout} ${which} --outcome Succeeded --reason "..."`,
      ]
    case 'Failed':
      // what failed in a target is tried again with the target
      return target === undefined && detail.phase === 'Paused'
        ? [...log, `try ${step.name} again: flotilla rollout retry ${rollout} --stage ${stage.name}`]
        : log
    case 'Intended':
    case 'Running':
      return step.type === 'approval'
        ? [
            `approve it: flotilla approve ${detail.project}/${detail.release} --rollout ${detail.name} --stage ${stage.name} --step ${step.name}`,
          ]
        : []
    default:
      return []
  }
}
