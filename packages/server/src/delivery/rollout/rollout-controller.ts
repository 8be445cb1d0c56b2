import { setTimeout as wait } from 'node:timers/promises'
import { type Controller, failpoint } from '@flotilla/engine'
import {
  asFlotillaError,
  canonicalJson,
  type FrozenDocument,
  type Next,
  retry,
  type Rollout,
  type RolloutDocument,
  type RolloutStatus,
  settled,
  waiting,
} from '@flotilla/model'
import { isAtLeast, reconcileRollout, type RolloutDecision } from '@flotilla/reconcile'
import { addFinalizer, removeFinalizer } from '../../fleet/finalizers.ts'
import { asKubeObject } from '../as-kube-object.ts'
import type { RolloutDeps } from './deps.ts'
import { DocumentMemory } from './document-memory.ts'
import { executeTargets, holdApplication, type HostEffect, isOfHost, isOfTarget } from './execute-rollout.ts'
import { observeRollout, type RolloutMemory } from './observe-rollout.ts'
import { Released } from './released.ts'
import { StepWork } from './step-work.ts'
import { subscribeRollouts } from './subscribe-rollouts.ts'

export interface RolloutController {
  /** Keys are `namespace/name` of Rollouts. */
  readonly controller: Controller
  /** Tells the queue which keys to work on, from now on and once for all that are there. */
  subscribe(enqueue: (key: string) => void): () => void
}

/** Passes per call; what is left then comes with the next turn. */
const mostPasses = 20
/** Rollouts worked on at once. */
const concurrency = 8
/** What takes long, or failed, is asked for once more. */
const untilStepsSeconds = 2
/** After a write of a Delivery the watch needs a moment to show it. */
const afterWriteSeconds = 0.2

interface Shared {
  readonly deps: RolloutDeps
  readonly memory: RolloutMemory
  readonly stored: Map<string, string>
  /** Rollouts as our last write left them, by key. */
  readonly written: Map<string, Rollout>
  /** The last pass over a rollout of each application: runs of one are decided one after another. */
  readonly turns: Map<string, Promise<unknown>>
}

/** From a Rollout to its targets: observe, decide, write the status, do the effects; again until nothing is left to do. */
export function createRolloutController(deps: RolloutDeps): RolloutController {
  const written = new Map<string, Rollout>()
  const stored = new Map<string, string>()
  const shared: Shared = {
    deps,
    memory: {
      releases: new DocumentMemory<FrozenDocument>(deps.documents.releases),
      rollouts: new DocumentMemory<RolloutDocument>(deps.documents.rollouts),
      released: new Released(),
      work: new StepWork(deps.clock),
      stored,
      newest: (seen) => newest(seen, written.get(keyOf(seen))),
    },
    stored,
    written,
    turns: new Map(),
  }
  return {
    controller: {
      name: 'rollout',
      concurrency,
      work: async (key, signal) => {
        // before the first lists are complete, what is not seen may well be there
        await deps.state.synced(signal)
        return work(shared, key, signal)
      },
    },
    subscribe: (enqueue) => subscribeRollouts(deps, enqueue),
  }
}

const keyOf = ({ metadata: { namespace = '', name } }: Rollout): string => `${namespace}/${name}`

/** Waits for the passes over other runs of the application that came before. */
async function inTurn<T>({ turns }: Shared, application: string, work: () => Promise<T>): Promise<T> {
  const before = turns.get(application)
  const turn = (before ?? Promise.resolve()).then(work, work)
  turns.set(application, turn)
  try {
    return await turn
  } finally {
    if (turns.get(application) === turn) turns.delete(application)
  }
}

async function work(shared: Shared, key: string, signal: AbortSignal): Promise<Next> {
  const [namespace = '', name = ''] = key.split('/')
  for (let pass = 0; pass < mostPasses; pass++) {
    signal.throwIfAborted()
    const seen = shared.deps.state.rollouts.get(namespace, name)
    if (seen === undefined) {
      shared.written.delete(key)
      return settled
    }
    const next = await inTurn(shared, `${namespace}/${seen.spec.application}`, () =>
      passOver(shared, key, pass, signal),
    )
    if (next !== undefined) return next
  }
  return waiting(0, 'there is more to do')
}

/** @returns what comes next; undefined to look again at once */
async function passOver(shared: Shared, key: string, pass: number, signal: AbortSignal): Promise<Next | undefined> {
  const { deps, memory, written } = shared
  const [namespace = '', name = ''] = key.split('/')
  const seen = deps.state.rollouts.get(namespace, name)
  if (seen === undefined) return settled
  const rollout = newest(seen, written.get(key))
  const observed = await observeRollout(deps, memory, rollout, signal)
  const now = new Date(deps.clock.now()).toISOString()
  const decision = reconcileRollout({ object: rollout, observed, now })
  try {
    const current = await writeRolloutStatus(shared, key, rollout, decision.status, signal)
    if (decision.effects.length === 0) {
      if (current === rollout || decision.next.next !== 'waiting' || decision.next.seconds > 0) return decision.next
      return undefined
    }
    const document = observed.document.known ? observed.document.value?.document : undefined
    return await execute(shared, key, { rollout: current, document, decision, now }, signal)
  } catch (thrown) {
    signal.throwIfAborted()
    const error = asFlotillaError(thrown)
    if (error.code !== 'kube.conflict') throw error
    // somebody else wrote: what we knew does not count, and the watch shows in a moment what is so now
    written.delete(key)
    await wait(100, undefined, { signal })
    return pass > mostPasses / 2 ? retry(error.message, error.retryAfter) : undefined
  }
}

interface Deciding {
  readonly rollout: Rollout
  readonly document: RolloutDocument | undefined
  readonly decision: RolloutDecision
  readonly now: string
}

/** @returns what comes next where this pass is the last one; undefined to look again at once */
async function execute(
  shared: Shared,
  key: string,
  { rollout, document, decision, now }: Deciding,
  signal: AbortSignal,
): Promise<Next | undefined> {
  const { deps } = shared
  let current = rollout
  for (const effect of decision.effects.filter(isOfHost)) {
    const next = await executeHostEffect(shared, key, { rollout: current, effect, now }, signal)
    if (next === undefined) return settled
    current = next
  }
  const effects = decision.effects.filter(isOfTarget)
  if (effects.length === 0) return undefined
  // steps and targets are named by the document, so it is there
  if (document === undefined) return retry('what the rollout goes by is not known')
  const { released, work: steps } = shared.memory
  const worked = await executeTargets({ deps, rollout: current, document, released, work: steps, signal }, effects)
  if (effects.some(({ kind }) => kind === 'WriteDelivery'))
    return waiting(afterWriteSeconds, 'what was written is read again')
  return worked ? undefined : waiting(untilStepsSeconds, 'steps to be worked on')
}

/** @returns the rollout as it is then; undefined when it was let go of */
async function executeHostEffect(
  shared: Shared,
  key: string,
  { rollout, effect, now }: { readonly rollout: Rollout; readonly effect: HostEffect; readonly now: string },
  signal: AbortSignal,
): Promise<Rollout | undefined> {
  const { deps } = shared
  switch (effect.kind) {
    case 'AddFinalizer': {
      const held = await addFinalizer(deps.fleet.host, rollout, signal)
      failpoint('rollout-finalizer-written')
      return remember(shared, key, held)
    }
    case 'RemoveFinalizer':
      await removeFinalizer(deps.fleet.host, rollout, signal)
      return undefined
    case 'StoreDocument': {
      const digest = await deps.documents.rollouts.put(effect.document)
      shared.stored.set(rollout.metadata.uid ?? '', digest)
      failpoint('rollout-document-stored')
      return rollout
    }
    case 'HoldApplication':
      await holdApplication({ deps, rollout, signal }, effect.reason, now)
      return rollout
    default:
      return effect satisfies never
  }
}

/** Writes the status where it says something new. @returns the rollout as it is then; the same one when nothing was to be written */
async function writeRolloutStatus(
  shared: Shared,
  key: string,
  rollout: Rollout,
  status: RolloutStatus,
  signal: AbortSignal,
): Promise<Rollout> {
  if (canonicalJson(rollout.status ?? {}) === canonicalJson(status)) return rollout
  const { metadata } = await shared.deps.fleet.host.replaceStatus({ ...asKubeObject(rollout), status }, { signal })
  failpoint('rollout-status-written')
  const { resourceVersion } = metadata
  return remember(shared, key, { ...rollout, metadata: { ...rollout.metadata, resourceVersion }, status })
}

function remember({ written }: Shared, key: string, rollout: Rollout): Rollout {
  written.set(key, rollout)
  return rollout
}

/** The newer of what the watch shows and what we wrote: on an older one a write is refused, and decided on again. */
function newest(seen: Rollout, own: Rollout | undefined): Rollout {
  if (own === undefined || own.metadata.uid !== seen.metadata.uid) return seen
  return isAtLeast(seen.metadata.resourceVersion ?? '', own.metadata.resourceVersion ?? '') ? seen : own
}
