import { type Rollout, type StepRef } from '@flotilla/model'
import { askAsPerson, askFor } from './events.ts'
import { approvers } from './scene.ts'
import type { RolloutWorld } from './rollout-world.ts'

/** What people need at the most, whatever they find. */
const mostRounds = 150

/**
 * People who want every run over. `abort`: the fleet stays as broken as it is, but the host can be read. `repair`: what is
 * broken is repaired, and each thing that a run says it waits for is given. Says which run is stuck, if one is.
 */
export function bringToAnEnd(world: RolloutWorld, how: 'abort' | 'repair'): string | undefined {
  world.blind.clear()
  world.stale = undefined
  world.killIn = undefined
  world.hold = undefined
  world.barred = undefined
  if (how === 'repair') {
    world.lost.clear()
    world.behaviours.clear()
    world.steps.behaviours.clear()
  }
  const ask = how === 'abort' ? giveUp : help
  for (let round = 0; round < mostRounds; round++) {
    const open = [...world.rollouts.values()].filter(({ metadata }) => !world.isEnded(metadata.name))
    if (open.length === 0) return undefined
    for (const rollout of open) ask(world, rollout)
    world.pass()
    world.tick(round % 10 === 9 ? 7200 : 30)
  }
  const stuck = [...world.rollouts.values()].find(({ metadata }) => !world.isEnded(metadata.name))
  if (stuck === undefined) return undefined
  const { phase, reason, waitingFor, stages, targets } = stuck.status ?? {}
  return `${stuck.metadata.name} is ${phase} (${reason}) and waits for ${waitingFor}: ${JSON.stringify({ stages, targets })}`
}

function giveUp(world: RolloutWorld, rollout: Rollout): void {
  const { name } = rollout.metadata
  askAsPerson(world, name, 'abort')
  for (const step of stepsIn(rollout, ['Intended', 'Running', 'Uncertain'])) askFor(world, name, { skip: { step } })
}

function help(world: RolloutWorld, rollout: Rollout): void {
  const { name } = rollout.metadata
  const { status } = rollout
  askAsPerson(world, name, 'unpause')
  const goesBack = [...world.rollouts.values()].some(
    ({ metadata, spec }) => spec.rollback !== undefined && !world.isEnded(metadata.name),
  )
  if (status?.reason === 'Held' && !goesBack) world.hold = undefined
  const digest = status?.snapshot?.release
  const rejected = world.approvals.findIndex(({ decision }) => decision === 'Rejected')
  // who rejected it takes it back
  if (rejected >= 0) world.approvals.splice(rejected, 1)
  for (const who of digest === undefined ? [] : approvers) {
    const isGiven = world.approvals.some(
      (one) => one.digest === digest && one.approver === who && isFresh(world, one.at),
    )
    if (!isGiven) world.approve('Approved', digest ?? '', who)
  }
  for (const step of stepsIn(rollout, ['Uncertain'])) askFor(world, name, { resolve: { step, outcome: 'Succeeded' } })
  if (status?.phase !== 'Paused') return
  if (status.reason === 'StepFailed' || status.reason === 'ApprovalRejected') askFor(world, name, { retry: {} })
  else askAsPerson(world, name, 'resume')
}

function stepsIn({ status }: Rollout, phases: readonly string[]): StepRef[] {
  const own = (status?.stages ?? []).flatMap(({ name, steps = [] }) =>
    steps.filter(({ phase }) => phases.includes(phase)).map((step) => ({ stage: name, step: step.name })),
  )
  const each = (status?.targets ?? []).flatMap(({ cluster, namespace, stage, steps = [] }) =>
    steps
      .filter(({ phase }) => phases.includes(phase))
      .map((step) => ({ stage, step: step.name, target: { cluster, namespace } })),
  )
  return [...own, ...each]
}

const isFresh = ({ now }: RolloutWorld, at: string): boolean => now - Date.parse(at) < 3_600_000
