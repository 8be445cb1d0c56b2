import { setTimeout as wait } from 'node:timers/promises'
import type { DifferenceAnswer } from '@flotilla/api'
import { type Controller, failpoint } from '@flotilla/engine'
import type { KubeClient } from '@flotilla/kube'
import {
  asFlotillaError,
  type Delivery,
  type DeliveryStatus,
  type Known,
  type Next,
  retry,
  settled,
  waiting,
  sameJson,
} from '@flotilla/model'
import { type DeliveryDecision, type DeliveryEffect, type DeliveryInput, reconcileDelivery } from '@flotilla/reconcile'
import { Counters, type DeliveryCounts } from './counters.ts'
import type { DeliveryControllerDeps, Workbench } from './deps.ts'
import { asKubeObject } from '../as-kube-object.ts'
import { DeliveryMemory, SetCache } from './delivery-memory.ts'
import { executeEffect } from './execute-effect.ts'
import { FieldOwners } from './field-owners.ts'
import { observeDelivery } from './observe-delivery.ts'
import { type DifferenceQuestion, liveDifference } from './live-difference.ts'
import { type DeliveredObject, objectsOf } from './objects-of.ts'
import { subscribeDeliveries } from './subscribe-deliveries.ts'
import { workOnOrphans } from './work-on-orphans.ts'

export interface DeliveryController {
  /** Keys are `namespace/name` of Deliveries, or `orphans/<cluster>`. */
  readonly controller: Controller
  /** Tells the queue which keys to work on, from now on and once for all that are there. */
  subscribe(enqueue: (key: string) => void): () => void
  stats(): DeliveryCounts
  /** What an apply of what is wanted would change in the clusters, as far as the person may see it. */
  difference(question: DifferenceQuestion): Promise<DifferenceAnswer>
  /** What a Delivery brought, with health. */
  objectsOf(delivery: Delivery): Known<readonly DeliveredObject[]>
}

/** More than all phases need; what is left then comes with the next turn. */
const mostPasses = 60
/** Deliveries worked on at once: each waits for its cluster most of the time. */
const concurrency = 16
export const orphansKey = 'orphans/'

/** From a Delivery to what runs: observe, decide, write the status, do the effects; again until nothing is left to do. */
export function createDeliveryController(deps: DeliveryControllerDeps): DeliveryController {
  const shared: Shared = {
    deps,
    memories: new Map(),
    cache: new SetCache(),
    owners: new FieldOwners(),
    counters: new Counters(),
    forbiddenSince: new Map(),
  }
  return {
    controller: {
      name: 'delivery',
      concurrency,
      work: async (key, signal) => {
        // before the first lists are complete, what is not seen may well be there
        await deps.state.synced(signal)
        return key.startsWith(orphansKey)
          ? workOnOrphans(shared, key.slice(orphansKey.length), signal)
          : work(shared, key, signal)
      },
    },
    subscribe: (enqueue) => subscribeDeliveries(deps, enqueue),
    stats: () => shared.counters.read(),
    difference: (question) => liveDifference(deps, question),
    objectsOf: (delivery) => {
      const entry = shared.memories.get(`${delivery.metadata.namespace ?? ''}/${delivery.metadata.name}`)
      return objectsOf(deps.live, delivery, entry?.uid === delivery.metadata.uid ? entry?.memory : undefined)
    },
  }
}

interface Shared {
  readonly deps: DeliveryControllerDeps
  readonly memories: Map<string, { readonly uid: string; readonly memory: DeliveryMemory }>
  readonly cache: SetCache
  readonly owners: FieldOwners
  readonly counters: Counters
  readonly forbiddenSince: Map<string, number>
}

async function work(shared: Shared, key: string, signal: AbortSignal): Promise<Next> {
  const { deps } = shared
  const [namespace = '', name = ''] = key.split('/')
  for (let pass = 0; pass < mostPasses; pass++) {
    signal.throwIfAborted()
    const seen = deps.state.deliveries.get(namespace, name)
    if (seen === undefined) return forget(shared, key)
    const memory = memoryOf(shared, key, seen)
    const delivery = memory.newest(seen)
    const { cluster } = delivery.spec.target
    const client = deps.fleet.deliveryClient(cluster, delivery.spec.project.uid)
    const bench = { ...shared, delivery, memory, signal }
    const now = new Date(deps.clock.now()).toISOString()
    const observed = await observeDelivery(bench, client, shared.cache, now)
    const decision = reconcileDelivery({ object: delivery, observed, now })
    try {
      if (isOnlyProgress(delivery.status, decision) && deps.clock.elapsed() - memory.writtenAt < unwrittenMs) {
        memory.advance(delivery, decision.status)
        const done = await execute(shared, bench, client, decision, observed.live)
        memory.trouble = undefined
        if (done !== undefined) return done
        continue
      }
      const writing = writeDeliveryStatus(shared, memory, delivery, decision.status, signal)
      if (decision.effects.length > 0 && decision.effects.every(changesNothing)) {
        // nothing to find one's way back from: the status need not be there first
        const [written, done] = await Promise.allSettled([
          writing,
          execute(shared, bench, client, decision, observed.live),
        ])
        if (written.status === 'rejected') throw written.reason
        if (done.status === 'rejected') throw done.reason
        if (done.value !== undefined) return done.value
        continue
      }
      const written = await writing
      if (decision.effects.length === 0) {
        memory.trouble = undefined
        if (written === delivery || decision.next.next !== 'waiting' || decision.next.seconds > 0) return decision.next
        continue
      }
      const done = await execute(shared, { ...bench, delivery: written }, client, decision, observed.live)
      memory.trouble = undefined
      if (done !== undefined) return done
    } catch (thrown) {
      signal.throwIfAborted()
      const error = memory.cleanError(thrown)
      if (error.code !== 'kube.conflict') {
        await sayTrouble(shared, memory, { object: memory.newest(delivery), observed, now }, error.message, signal)
        throw error
      }
      // somebody else wrote: what we knew does not count, and the watch shows in a moment what is so now
      memory.forgetWritten()
      memory.inventory = undefined
      await wait(100, undefined, { signal })
      if (pass > mostPasses / 4) return retry(error.message, error.retryAfter)
    }
  }
  return waiting(0, 'there is more to do')
}

/** A person sees what an effect is tried again for; that it cannot be written must not hide the trouble itself. */
async function sayTrouble(
  shared: Shared,
  memory: DeliveryMemory,
  input: DeliveryInput,
  trouble: string,
  signal: AbortSignal,
): Promise<void> {
  if (memory.trouble === trouble) return
  memory.trouble = trouble
  const { status } = reconcileDelivery({ ...input, observed: { ...input.observed, trouble } })
  try {
    await writeDeliveryStatus(shared, memory, input.object, status, signal)
  } catch (thrown) {
    signal.throwIfAborted()
    shared.deps.log.debug('trouble not written', { error: asFlotillaError(thrown).message })
  }
}

async function execute(
  { deps, cache }: Shared,
  bench: Omit<Workbench, 'client'>,
  client: Known<KubeClient>,
  decision: DeliveryDecision,
  live: Awaited<ReturnType<typeof observeDelivery>>['live'],
): Promise<Next | undefined> {
  for (const effect of decision.effects) {
    bench.signal.throwIfAborted()
    // effects on the host need no member
    const target = client.known ? client.value : isOfHost(effect) ? deps.fleet.host : undefined
    if (target === undefined) return retry(client.known ? '' : client.reason)
    await executeEffect({ ...bench, client: target }, effect, live.known ? live.value : new Map(), cache)
    deps.audit?.effect(bench.delivery, effect, bench.memory.results.get(effect.key))
    failpoint(`delivery-${effect.kind}-done`)
    if (effect.kind === 'removeFinalizer') return settled
  }
  return undefined
}

const changesNothing = ({ kind }: DeliveryEffect): boolean => kind === 'dryRun' || kind === 'loadSets'

/** A person who looks on sees how far it is at least as often. */
const unwrittenMs = 1000

/** Work in hand that only got on to something that can as well be done twice: its status may be written later. */
function isOnlyProgress(before: DeliveryStatus | undefined, { status, effects }: DeliveryDecision): boolean {
  const goesOn = before?.attempt !== undefined && status.attempt !== undefined && effects.length > 0
  if (!goesOn || !effects.every(({ kind }) => repeatable.has(kind))) return false
  return sameJson(before.attempt, status.attempt) && sameJson(before.applied ?? {}, status.applied ?? {})
}

const repeatable = new Set<DeliveryEffect['kind']>(['apply', 'prune', 'writeInventory', 'writeHelmRecord'])

const isOfHost = ({ kind }: DeliveryEffect): boolean =>
  ['addFinalizer', 'removeFinalizer', 'recordOrphan', 'recordLeft', 'loadSets'].includes(kind)

/** @returns the Delivery as it is then; the same one when nothing was to be written */
async function writeDeliveryStatus(
  { deps, counters }: Shared,
  memory: DeliveryMemory,
  delivery: Delivery,
  status: DeliveryStatus,
  signal: AbortSignal,
): Promise<Delivery> {
  if (!memory.isAhead && sameJson(delivery.status ?? {}, status)) return delivery
  counters.add('statusWrites')
  const { metadata } = await deps.fleet.host.replaceStatus({ ...asKubeObject(delivery), status }, { signal })
  const written = { ...delivery, metadata: { ...delivery.metadata, resourceVersion: metadata.resourceVersion }, status }
  memory.wrote(written)
  memory.writtenAt = deps.clock.elapsed()
  failpoint('delivery-status-written')
  return written
}

function memoryOf({ memories }: Shared, key: string, { metadata: { uid = '' } }: Delivery): DeliveryMemory {
  const entry = memories.get(key)
  if (entry?.uid === uid) return entry.memory
  const memory = new DeliveryMemory()
  memories.set(key, { uid, memory })
  return memory
}

function forget({ memories, deps }: Shared, key: string): Next {
  const entry = memories.get(key)
  if (entry !== undefined) for (const { name } of deps.fleet.list()) deps.live.forget(name, entry.uid)
  memories.delete(key)
  return settled
}
