import {
  canonicalJson,
  endedPhases,
  type Rollout,
  type RolloutStatus,
  type RolloutTarget,
  targetKey,
} from '@flotilla/model'
import { mayHaveChanged } from '../find-irreversible.ts'
import { openRun } from '../run.ts'
import { computeStepInHand, eachRecord } from '../steps.ts'
import { computeStepsInHand } from '../steps-in-hand.ts'
import type { RolloutDecision, RolloutEffect } from '../types.ts'
import { findApprovalsInTheWay, findStepsInTheWay, findUnapproved } from './check-steps.ts'
import { isInMember } from './simulated-steps.ts'
import type { RolloutWorld } from './rollout-world.ts'

type Write = Extract<RolloutEffect, { kind: 'WriteDelivery' }>

const isEnded = (status: RolloutStatus | undefined): boolean =>
  status?.phase !== undefined && endedPhases.includes(status.phase)

const moving = new Set<RolloutTarget['phase']>(['Applying', 'WaitingHealth', 'Verifying', 'Soaking'])
const unfinished = new Set<RolloutTarget['phase']>([
  ...moving,
  'Pending',
  'PreHooks',
  'Deferred',
  'RollingBack',
  'Failed',
])

/** What must hold of every decision, whatever came before. */
export function checkDecision(world: RolloutWorld, before: Rollout, decision: RolloutDecision): void {
  const { status, effects } = decision
  const { name } = before.metadata
  const violate = (text: string): unknown => world.violations.push(`${name}: ${text}`)
  if (canonicalJson(world.decide(name)) !== canonicalJson(decision)) violate('the same input gave another output')
  if (isEnded(before.status)) {
    if (canonicalJson(withoutHeld(before.status)) !== canonicalJson(withoutHeld(status)))
      violate('an ended run changed')
    if (effects.some(({ kind }) => kind === 'BeginStep' || kind === 'WriteDelivery'))
      violate('an ended run did something')
    return
  }
  checkSkipped(world, before, status)
  checkBeginning(world, before, status)
  for (const text of findUnapproved(world, before, status)) violate(text)
  const targets = status.targets ?? []
  const bad = targets.find(({ phase }) => phase !== 'Succeeded' && phase !== 'Skipped')
  if ((status.phase === 'Succeeded' || status.phase === 'RolledBack') && bad !== undefined)
    violate(`it is ${status.phase} while ${targetKey(bad)} is ${bad.phase}`)
  if (isEnded(status) && [...(status.stages ?? []), ...targets].some(({ steps }) => steps?.some(isOpen)))
    violate('it ended while a step of it was at work')
  if (
    !isEnded(status) &&
    effects.length === 0 &&
    (status.waitingFor === undefined || status.waitingSince === undefined)
  )
    violate(`it says not what it waits for in ${status.phase}`)
  if (status.phase === 'Paused' && (status.reason === undefined || status.message === undefined))
    violate('it is paused and does not say why')
  const inStatus = new Map(
    [...(status.stages ?? []), ...targets].flatMap(({ steps = [] }) => steps.map((one) => [one.name, one])),
  )
  for (const effect of effects) {
    if (effect.kind === 'BeginStep' && !inStatus.has(effect.step.step.name))
      violate('a step begins that the status does not name')
    if (effect.kind === 'BeginStep' && isInMember(effect.step) && effect.step.place.want?.components.length === 0)
      violate(`${effect.step.key} begins where nothing is to be`)
    if (before.spec.control.abort !== undefined && (effect.kind === 'BeginStep' || effect.kind === 'WriteDelivery'))
      violate(`${effect.kind} after it was aborted`)
    if (before.spec.control.paused !== undefined && (effect.kind === 'BeginStep' || effect.kind === 'WriteDelivery'))
      violate(`${effect.kind} while it is paused`)
  }
  if (new Set(effects.map(({ key }) => key)).size !== effects.length) violate('two effects have one key')
}

/** Nothing goes out over what a person set in its way, however long ago the run was decided on. */
function checkBeginning(world: RolloutWorld, { metadata, spec, status: before }: Rollout, status: RolloutStatus): void {
  if (before?.snapshot !== undefined || status.snapshot === undefined) return
  if (world.barred !== undefined) world.violations.push(`${metadata.name}: it began though the application is barred`)
  if (world.hold !== undefined && spec.rollback === undefined)
    world.violations.push(`${metadata.name}: it began over a hold`)
}

/** What is seen to run is let end, or stopped first. */
function checkSkipped(world: RolloutWorld, before: Rollout, status: RolloutStatus): void {
  const stored = world.documents.get(before.metadata.uid ?? '')
  if (stored === undefined) return
  const open = new Set(computeStepsInHand({ ...before, status }, stored.document).map(({ key }) => key))
  for (const { key, place } of computeStepsInHand(before, stored.document)) {
    const runs = world.steps.runs.get(key)?.state === 'running' && !world.lost.has(place.cluster)
    if (runs && !open.has(key)) world.violations.push(`${before.metadata.name}: ${key} was given up while it ran`)
  }
  const { run, progress } = openRun({ ...before, status }, world.observe(before.metadata.name), '', stored.document)
  for (const { context, record } of eachRecord(run, progress)) {
    const key = computeStepInHand(context, record)?.key
    if (key === undefined) continue
    const own = key.slice(0, key.lastIndexOf('/') + 1)
    if (!mayHaveChanged(record) && world.steps.begun.some((begun) => begun.startsWith(own)))
      world.violations.push(`${before.metadata.name}: ${key} counts as never begun, and was`)
  }
}

const isBad = ({ phase }: RolloutTarget): boolean => ['Failed', 'RolledBack', 'RollbackFailed'].includes(phase)
const isOpen = ({ phase }: { readonly phase: string }): boolean => phase === 'Intended' || phase === 'Running'

function withoutHeld(status: RolloutStatus | undefined): unknown {
  return JSON.parse(JSON.stringify(status ?? {}, (key, value: unknown) => (key === 'held' ? undefined : value)))
}

/** What must hold when a Delivery is really written. The status that speaks of it was written before. */
export function checkWrite(world: RolloutWorld, rollout: Rollout, { target }: Write): void {
  const { name } = rollout.metadata
  const violate = (text: string): unknown => world.violations.push(`${name}: ${targetKey(target)} was written ${text}`)
  const { status } = rollout
  const key = targetKey(target)
  const record = status?.targets?.find((one) => targetKey(one) === key)
  const document = world.documents.get(rollout.metadata.uid ?? '')?.document
  const stage = document?.plan.stages.find((one) => one.name === target.stage)
  if (record === undefined || document === undefined || stage === undefined) {
    violate('before it was recorded')
    return
  }
  if (record.phase !== 'Applying' && record.phase !== 'RollingBack') violate(`in ${record.phase}`)
  for (const other of world.rollouts.values()) {
    if (other.metadata.name === name || isEnded(other.status) || other.status?.snapshot === undefined) continue
    const theirs = other.status.targets?.find((one) => targetKey(one) === key)
    if (theirs !== undefined && unfinished.has(theirs.phase))
      violate(`while ${other.metadata.name} has it (${theirs.phase})`)
  }
  if (record.phase === 'RollingBack') return
  const failed = (status?.targets ?? []).filter((one) => one.stage === stage.name && isBad(one))
  if (
    stage.onFailure !== 'Continue' &&
    failed.length > stage.maxFailures &&
    failed.some(({ passed }) => passed !== true)
  )
    violate(`after ${failed.length} of its stage had failed`)
  for (const text of findStepsInTheWay(world, rollout, document, stage, target)) violate(text)
  for (const text of findApprovalsInTheWay(world, rollout, document, stage)) violate(text)
  const earlier = document.plan.stages.slice(0, document.plan.stages.indexOf(stage))
  const notPassed = earlier.find(({ name: one }) => {
    const phase = status?.stages?.find((own) => own.name === one)?.phase
    return phase !== 'Succeeded' && phase !== 'Failed'
  })
  if (notPassed !== undefined) violate(`before the stage ${notPassed.name} was passed`)
  const others = (status?.targets ?? []).filter(
    (one) =>
      one.stage === target.stage && targetKey(one) !== key && moving.has(one.phase) && !world.flapped.has(one.cluster),
  )
  if (!world.flapped.has(target.cluster) && others.length >= stage.maxConcurrency)
    violate(`above ${stage.maxConcurrency} at a time`)
}
