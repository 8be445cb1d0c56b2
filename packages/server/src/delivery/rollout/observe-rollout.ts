import { type Known, known, type Rollout, type RolloutDocument, targetKey, unknown } from '@flotilla/model'
import { computeStepsInHand, type RolloutObserved, type StepSight } from '@flotilla/reconcile'
import { observeDeliveries } from '../application/observe-host.ts'
import type { RolloutDeps } from './deps.ts'
import { contextOf } from './execute-rollout.ts'
import { observeApprovals } from './observe-approvals.ts'
import { observeOpening, type OpeningMemory } from './observe-opening.ts'
import { observePlaced } from './observe-placed.ts'
import type { Released } from './released.ts'
import type { StepWork } from './step-work.ts'
import { isUnderWay } from './subscribe-rollouts.ts'

/** A cluster that answers no sooner is looked at again: no pass waits that long. */
const lookMs = 10_000

export interface RolloutMemory extends OpeningMemory {
  readonly released: Released
  readonly work: StepWork
  /** Digests of documents that were stored just now, by uid of their rollout. */
  readonly stored: ReadonlyMap<string, string>
  /** The newer of what the watch shows and what this process wrote. */
  readonly newest: (seen: Rollout) => Rollout
}

/** Reads what a decision about one rollout needs. Members are asked about steps that were begun there, and nothing else. */
export async function observeRollout(
  deps: RolloutDeps,
  memory: RolloutMemory,
  rollout: Rollout,
  signal: AbortSignal,
): Promise<RolloutObserved> {
  const { state, fleet } = deps
  const { namespace = '' } = rollout.metadata
  const { application } = rollout.spec
  const document = await observeDocument(memory, rollout)
  const open = document.known && rollout.status?.snapshot === undefined
  const deliveries = observeDeliveries(state, namespace, application)
  return {
    document,
    opening: open ? await observeOpening(deps, memory, rollout) : unknown('it has begun'),
    deliveries: deliveries.known
      ? known(new Map(deliveries.value.map((delivery) => [targetKey(delivery.spec.target), delivery])))
      : deliveries,
    clusters: new Map(fleet.list().map(({ name, connection }) => [name, connection])),
    steps:
      document.known && document.value !== undefined
        ? await observeSteps(deps, memory, rollout, document.value.document, signal)
        : new Map(),
    released: memory.released.keys,
    troubles: memory.work.troubles,
    approvals: observeApprovals(deps, rollout),
    others: observeOthers(deps, memory, rollout),
    placed: observePlaced(deps, namespace, application, deliveries),
  }
}

async function observeDocument(
  { rollouts, stored }: RolloutMemory,
  { metadata, status }: Rollout,
): Promise<RolloutObserved['document']> {
  // one that was stored and is not in the status yet: a kill in between forgets it, and another is made of what is so then
  const digest = status?.snapshot?.document ?? stored.get(metadata.uid ?? '')
  if (digest === undefined) return known(undefined)
  const document = await rollouts.get(digest)
  return document === undefined ? known(undefined) : known({ digest, document })
}

function observeSteps(
  deps: RolloutDeps,
  { work }: RolloutMemory,
  rollout: Rollout,
  document: RolloutDocument,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Known<StepSight>>> {
  return work.look(computeStepsInHand(rollout, document), (step) => {
    const within = AbortSignal.any([signal, AbortSignal.timeout(lookMs)])
    return deps.runners.see(step, contextOf({ rollout, document }, step), within)
  })
}

function observeOthers(
  { state }: RolloutDeps,
  { newest }: RolloutMemory,
  { metadata, spec }: Rollout,
): Known<readonly Rollout[]> {
  const { namespace = '', name } = metadata
  const hidden = [...state.rollouts.unreadable].find(([key]) => key.startsWith(`${namespace}/`))
  if (hidden !== undefined) return unknown(`rollout ${hidden[0]} cannot be read: ${hidden[1]}`)
  return known(
    state.rollouts
      .list(namespace)
      // what this process wrote last counts, also before the watch shows it
      .map((other) => newest(other))
      .filter(
        (other) => other.metadata.name !== name && other.spec.application === spec.application && isUnderWay(other),
      ),
  )
}
