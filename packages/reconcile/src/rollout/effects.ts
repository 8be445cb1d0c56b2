import { type StepRecord, targetKey } from '@flotilla/model'
import { computePlaces } from './places.ts'
import { documentTarget, isInHand, type Progress, type Run, targetsOf } from './run.ts'
import { computeWritten, courseOf, seeCluster, seeDelivery } from './sights.ts'
import { computeStepInHand, eachRecord, runsOutside, type StepContext } from './steps.ts'
import type { RolloutEffect, StepInHand } from './types.ts'

/** What may be done now of what the status speaks of. What ends something is always done. */
export interface Permit {
  /** Steps and writes of what goes forward. */
  readonly forward: boolean
  /** Writes of what goes back. */
  readonly back: boolean
}

/**
 * What is to be done follows from the status that is written first: whoever is killed in between finds the same to do. Each
 * effect is keyed, so that doing it once more changes nothing.
 */
export function computeEffects(run: Run, progress: Progress, permit: Permit): RolloutEffect[] {
  return [...effectsOfSteps(run, progress, permit), ...writes(run, progress, permit)]
}

function effectsOfSteps(run: Run, progress: Progress, permit: Permit): RolloutEffect[] {
  const effects: RolloutEffect[] = []
  for (const { context, record } of eachRecord(run, progress)) {
    const step = runsOutside(context.step) ? computeStepInHand(context, record) : undefined
    if (step !== undefined) effects.push(...effectsOf(context, record, step, permit))
  }
  return effects
}

function effectsOf(context: StepContext, record: StepRecord, step: StepInHand, permit: Permit): RolloutEffect[] {
  const { key } = step
  if (isInHand(record)) {
    if (record.stopping !== undefined) return [{ kind: 'CancelStep', key: `cancel/${key}`, step }]
    const sight = context.run.observed.steps.get(key)
    const begun = sight !== undefined && (!sight.known || sight.value.state !== 'absent')
    // a step that is new has no sight, but what was recorded earlier is looked at before it is begun again
    const isNew = sight === undefined && record.since === context.run.now
    return permit.forward && record.phase === 'Intended' && !begun && (isNew || sight !== undefined)
      ? [{ kind: 'BeginStep', key: `begin/${key}`, step }]
      : []
  }
  return record.held === true && (record.phase !== 'Uncertain' || record.again === true)
    ? letGo(context, record, step)
    : []
}

/** Lets go of a step whose end is recorded, after the ledger heard of it where a person said how it ended. */
export function letGo({ run }: StepContext, record: StepRecord, step: StepInHand): RolloutEffect[] {
  const outcome = record.phase
  if (outcome === 'Intended' || outcome === 'Running') return []
  const { key } = step
  const end: RolloutEffect = { kind: 'LetGoStep', key: `let-go/${key}`, step, outcome }
  const said = run.object.spec.control.resolutions.find(({ id }) => id === record.resolution)
  if (said === undefined || outcome === 'Uncertain' || outcome === 'Skipped') return [end]
  const { by, reason } = said
  return [{ kind: 'ResolveStep', key: `resolve/${key}`, step, outcome: said.outcome, by, reason }, end]
}

function writes(run: Run, progress: Progress, permit: Permit): RolloutEffect[] {
  const { deliveries } = run.observed
  if (!deliveries.known) return []
  return run.stages.flatMap((stage) => {
    const targets = targetsOf(progress, stage.name)
    const writing = targets.filter(({ phase }) => phase === 'Applying' || phase === 'RollingBack')
    if (writing.length === 0) return []
    const places = computePlaces(run, stage, targets)
    return writing.flatMap((target): RolloutEffect[] => {
      const back = target.phase === 'RollingBack'
      const document = documentTarget(run, target)
      const delivery = seeDelivery(run, target)
      const placed = places.get(targetKey(target))?.begin === true
      if (document === undefined || !delivery.known || !placed || !(back ? permit.back : permit.forward)) return []
      const course = courseOf(run, target, document)
      const { to, from, rollback, syncRequest } = course
      if (computeWritten(run, course, delivery.value) !== 'not' || !seeCluster(run, target.cluster).here) return []
      const key = [run.uid, targetKey(target), to?.digest ?? 'none', back ? 'back' : 'write', target.attempt].join('/')
      return [
        {
          kind: 'WriteDelivery',
          key,
          target: document,
          want: to,
          // one that was taken away is made again
          from: delivery.value === undefined ? undefined : from?.digest,
          rollback,
          ...(syncRequest === undefined ? {} : { syncRequest }),
        },
      ]
    })
  })
}
