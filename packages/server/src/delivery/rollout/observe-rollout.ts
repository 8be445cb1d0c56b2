import {
  asFlotillaError,
  computePlacement,
  computeTargets,
  type Known,
  known,
  type Rollout,
  type RolloutDocument,
  targetKey,
  unknown,
} from '@flotilla/model'
import { computeStepsInHand, type RolloutObserved, type StepSight } from '@flotilla/reconcile'
import { observeClusters, observeDeliveries, observeProject } from '../application/observe-host.ts'
import { inParallel } from '../delivery/in-parallel.ts'
import type { RolloutDeps } from './deps.ts'
import { contextOf } from './execute-rollout.ts'
import { observeApprovals } from './observe-approvals.ts'
import { observeOpening, type OpeningMemory } from './observe-opening.ts'
import { isUnderWay } from './subscribe-rollouts.ts'

const stepsAtOnce = 16
/** A cluster that answers no sooner is looked at again with the next pass: it holds up no other. */
const lookMs = 10_000

/** Reads what a decision about one rollout needs. Members are asked about steps that were begun there, and nothing else. */
export async function observeRollout(
  deps: RolloutDeps,
  memory: OpeningMemory,
  rollout: Rollout,
  signal: AbortSignal,
): Promise<RolloutObserved> {
  const { state, fleet } = deps
  const { namespace = '' } = rollout.metadata
  const { application } = rollout.spec
  const document = await observeDocument(memory, rollout)
  const open = document.known && document.value === undefined
  const deliveries = observeDeliveries(state, namespace, application)
  return {
    document,
    opening: open ? await observeOpening(deps, memory, rollout) : unknown('it has begun'),
    deliveries: deliveries.known
      ? known(new Map(deliveries.value.map((delivery) => [targetKey(delivery.spec.target), delivery])))
      : deliveries,
    clusters: new Map(fleet.list().map(({ name, connection }) => [name, connection])),
    steps: document.known && document.value !== undefined ? await observeSteps(deps, rollout, document.value, signal) : new Map(),
    approvals: observeApprovals(deps, rollout),
    others: observeOthers(deps, rollout),
    placed: observePlaced(deps, rollout),
  }
}

async function observeDocument(
  { rollouts }: OpeningMemory,
  { status }: Rollout,
): Promise<Known<RolloutDocument | undefined>> {
  const digest = status?.snapshot?.document
  if (digest === undefined) return known(undefined)
  const found = await rollouts.get(digest)
  return found === undefined ? unknown('what this rollout goes by is no longer stored; abort it and start another') : known(found)
}

async function observeSteps(
  deps: RolloutDeps,
  rollout: Rollout,
  document: RolloutDocument,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Known<StepSight>>> {
  const context = contextOf({ rollout, document })
  const inHand = computeStepsInHand(rollout, document)
  const seen = await inParallel(inHand, stepsAtOnce, async (step): Promise<[string, Known<StepSight>]> => {
    try {
      const within = AbortSignal.any([signal, AbortSignal.timeout(lookMs)])
      return [step.key, known(await deps.runners.see(step, context, within))]
    } catch (thrown) {
      signal.throwIfAborted()
      return [step.key, unknown(asFlotillaError(thrown).message)]
    }
  })
  return new Map(seen)
}

function observeOthers({ state }: RolloutDeps, { metadata, spec }: Rollout): Known<readonly Rollout[]> {
  const { namespace = '', name } = metadata
  const hidden = [...state.rollouts.unreadable].find(([key]) => key.startsWith(`${namespace}/`))
  if (hidden !== undefined) return unknown(`rollout ${hidden[0]} cannot be read: ${hidden[1]}`)
  return known(
    state.rollouts
      .list(namespace)
      .filter((other) => other.metadata.name !== name && other.spec.application === spec.application && isUnderWay(other)),
  )
}

function observePlaced({ state, fleet }: RolloutDeps, { metadata, spec }: Rollout): RolloutObserved['placed'] {
  const { namespace = '' } = metadata
  const application = state.applications.get(namespace, spec.application)
  const project = observeProject(state, namespace)
  const clusters = observeClusters(state, fleet, project, observeDeliveries(state, namespace, spec.application))
  if (application === undefined) return unknown(`there is no application ${spec.application}`)
  if (!project.known) return project
  if (!clusters.known) return clusters
  if (project.value === undefined) return unknown(`no project has the namespace ${namespace}`)
  const staying = clusters.value.filter(({ removal }) => removal === undefined)
  return known(computePlacement(application.spec, computeTargets(project.value, staying)).map(targetKey))
}
