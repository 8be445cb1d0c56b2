import {
  type DeliveryPhase,
  type Finding,
  finalizer,
  settled,
  stalled,
  summariseHealth,
  waiting,
} from '@flotilla/model'
import type { Attempt } from './delivery/attempt.ts'
import { isSameWish, secondsBetween } from './delivery/attempt.ts'
import { computeHelmChanges, type HelmChange } from './delivery/helm-changes.ts'
import { digestMark, planHooks } from './delivery/hooks.ts'
import type { Inventory } from './delivery/inventory.ts'
import type { LiveSight } from './delivery/live-sight.ts'
import { rememberInventory } from './delivery/remember-inventory.ts'
import { lostSet } from './delivery/lost-set.ts'
import { removeDelivery } from './delivery/removal.ts'
import { isDue, phaseOf, runAttempt } from './delivery/run-attempt.ts'
import { upkeep } from './delivery/settled.ts'
import { stepLeftHook } from './delivery/step-hooks.ts'
import type { DeliveryDecision, DeliveryEffect, DeliveryInput, DeliverySet } from './delivery/types.ts'
import { beginWork, countOf, decide, type Desired, hookTimeout, seenComponents, waitText } from './delivery/work.ts'

/**
 * What to do for one Delivery now. The status that comes with it is written before any effect that changes something is
 * begun, and the effects are done in their order; whoever is killed anywhere in between finds its way from what was written.
 */
export function reconcileDelivery(input: DeliveryInput): DeliveryDecision {
  const { object, observed, now } = input
  if (object.metadata.deletionTimestamp !== undefined) return removeDelivery(input)
  if (object.metadata.finalizers?.includes(finalizer) !== true) {
    return asBefore(input, [{ kind: 'addFinalizer', key: 'finalizer' }], 0)
  }
  if (observed.connection.state !== 'connected') return unseen(input)
  const { desired } = object.spec
  if (desired === undefined) {
    const news = { phase: 'Pending' as const, attempt: undefined, waitingFor: 'its first render' }
    return decide(object, news, now, { next: settled })
  }
  const { inventory, live } = observed
  if (!inventory.known) return blind(input, inventory.reason)
  if (!live.known) return blind(input, live.reason)
  const seen: Seen = { ...input, desired, inventory: inventory.value, live: live.value }
  const attempt = object.status?.attempt
  return attempt === undefined ? atRest(seen) : atWork(seen, attempt)
}

interface Seen extends DeliveryInput {
  readonly desired: Desired
  readonly inventory: Inventory | undefined
  readonly live: LiveSight
}

/** Nothing in hand: keep what is, or begin what is wanted. */
function atRest(seen: Seen): DeliveryDecision {
  const { object, observed, inventory, desired } = seen
  const changes = computeHelmChanges(inventory, observed.releases, object.metadata.uid ?? '')
  const current = isSameWish(object, object.status?.applied) && !isAsked(seen)
  if (current && inventory !== undefined && namesAll(desired, inventory)) {
    return upkeep(seen, { inventory, live: seen.live, changes })
  }
  if (object.spec.paused) return hold(seen, paused)
  if (!changes.known) return blind(seen, changes.reason)
  if (changes.value.length > 0 && !isAsked(seen)) {
    return hold(seen, 'a person: helm changed a release', {
      helmChanged: changes.value.map(({ message }) => message).join('; '),
    })
  }
  return begin(seen, [], changes.value)
}

/** False where somebody damaged it: then all is written once more, which records it again. */
const namesAll = (desired: Desired, inventory: Inventory): boolean =>
  desired.components.every(({ name }) => inventory.components[name] !== undefined)

const paused = 'a person: it is paused'

/** A person asked for a sync that no work has answered yet. */
function isAsked({ object }: Seen): boolean {
  const { syncRequest } = object.spec
  return syncRequest !== undefined && syncRequest !== (object.status?.attempt ?? object.status?.applied)?.syncRequest
}

function atWork(seen: Seen, attempt: Attempt): DeliveryDecision {
  const { object, now } = seen
  if (object.spec.paused) return hold(seen, paused)
  if (!isSameWish(object, attempt) || isAsked(seen)) return supersede(seen, attempt)
  const due = isDue(object, now)
  if (due.due) {
    const { retryAt: _due, ...rest } = attempt
    return proceed(seen, rest, phaseOf(object))
  }
  if (due.seconds !== undefined) return asBefore(seen, [], due.seconds)
  // stopped for a person; what is left to clean up after the hook is cleaned up
  const left = letGo(seen, attempt)
  return {
    ...asBefore(seen, left.over ? [] : left.effects, 0),
    next: stalled(object.status?.message ?? 'a hook failed'),
  }
}

/** Other work is wanted: a hook that runs is let end, then the new work begins. */
function supersede(seen: Seen, attempt: Attempt): DeliveryDecision {
  const { object, now, inventory, observed } = seen
  const left = letGo(seen, attempt)
  if (left.over) {
    const changes = computeHelmChanges(inventory, observed.releases, object.metadata.uid ?? '')
    return begin(seen, keptHooks(seen, left.attempt.hooksDone), changes.known ? changes.value : [])
  }
  const news = {
    phase: phaseOf(object),
    attempt: left.attempt,
    waitingFor: left.effects.length === 0 ? left.waitingFor : waitText(left.waitingFor, observed),
    components: seenComponents(object, inventory, observed.live),
  }
  return decide(object, news, now, { effects: left.effects, next: waiting(2, left.waitingFor) })
}

/** Of what ran, only that of sets that are wanted or applied still says something. */
function keptHooks({ desired, inventory }: Seen, hooksDone: readonly string[]): string[] {
  const components = [...desired.components, ...Object.values(inventory?.components ?? {})]
  const prefixes = components.map(({ digest }) => `@${digestMark(digest)}/`)
  return hooksDone.filter((id) => prefixes.some((prefix) => id.includes(prefix)))
}

function letGo({ object, observed, now, desired }: Seen, attempt: Attempt) {
  const timeoutSeconds = (component: string): number => hookTimeout(desired, component)
  return stepLeftHook({ delivery: object, attempt, observed, timeoutSeconds, now })
}

/** `hooksDone`: what ran in work that did not come to its end stays done. */
function begin(seen: Seen, hooksDone: readonly string[], changes: readonly HelmChange[]): DeliveryDecision {
  const { object, observed, desired, inventory, now } = seen
  const gone = new Set(changes.filter((change) => change.gone).map(({ component }) => component))
  const sets = setsOf(seen)
  if (!('known' in sets)) return sets
  const appliedBefore = (name: string): boolean =>
    inventory?.components[name] !== undefined ||
    object.status?.components?.some((one) => one.name === name && one.digest !== undefined) === true
  // a release that is taken over was installed before; its hooks ran then, and are not run for the taking
  const adopted = desired.components.filter(({ name, digest }) => {
    const release = sets.known.get(digest)?.helm?.releaseName
    const runs = release !== undefined && observed.releases.known && observed.releases.value.has(release)
    return observed.adopt && runs && !appliedBefore(name)
  })
  const adoptedHooks = adopted.flatMap(({ digest }) => {
    const set = sets.known.get(digest)
    return set === undefined
      ? []
      : ['pre-upgrade', 'post-upgrade'].flatMap((event) => planHooks([{ set, digest, event }]))
  })
  const installs = desired.components
    .filter((component) => gone.has(component.name) || !(appliedBefore(component.name) || adopted.includes(component)))
    .map(({ name }) => name)
  const { syncRequest } = object.spec
  const attempt: Attempt = {
    digest: desired.digest,
    startedAt: now,
    hooksDone: [...new Set([...hooksDone, ...adoptedHooks.map(({ id }) => id)])],
    failures: 0,
    installs,
    ...(syncRequest === undefined ? {} : { syncRequest }),
    ...(object.spec.standby === true ? { standby: true } : {}),
  }
  return proceed(seen, attempt, 'DryRun')
}

function proceed(seen: Seen, attempt: Attempt, phase: DeliveryPhase): DeliveryDecision {
  const sets = setsOf(seen)
  if (!('known' in sets)) return sets
  const inventory = rememberInventory(seen.object, seen.inventory)
  const { desired, live } = seen
  return runAttempt(beginWork(seen, { attempt, phase, desired, sets: sets.known, inventory, live }))
}

const missingSetSeconds = 6

function setsOf(seen: Seen): { readonly known: ReadonlyMap<string, DeliverySet> } | DeliveryDecision {
  const { desired, observed } = seen
  const unloaded = desired.components.map(({ digest }) => digest).filter((digest) => !observed.sets.has(digest))
  if (unloaded.length > 0) {
    return asBefore(seen, [{ kind: 'loadSets', key: `load/${unloaded.join()}`, digests: unloaded }], 0)
  }
  const found = new Map<string, DeliverySet>()
  for (const { digest, name } of desired.components) {
    const set = observed.sets.get(digest)
    // never taken for an empty one: what is not known prunes nothing
    if (set === undefined) {
      const { release } = desired
      const lost = `the rendered set of ${name}, which is no longer stored`
      // what a release froze is not rendered again by itself: it might come out as something else
      const held =
        release === undefined
          ? hold(seen, `${lost} and is rendered again`)
          : hold(seen, lost, { findings: [lostFinding(name, release)] })
      return { ...held, next: waiting(missingSetSeconds, 'a render') }
    }
    found.set(digest, set)
  }
  return { known: found }
}

const lostFinding = (component: string, release: string): Finding => ({
  severity: 'Error',
  code: lostSet,
  message: `What release ${release} has for it is no longer stored, so that nothing of ${component} can be written or repaired. Restore the store from its backup, or freeze a release with the same versions and start it`,
  component,
})

/** Nothing is written; what is seen is said. */
function hold(
  seen: Seen,
  waitingFor: string,
  more: { readonly helmChanged?: string; readonly findings?: readonly Finding[] } = {},
): DeliveryDecision {
  const { helmChanged, findings } = more
  const { object, observed, inventory, now } = seen
  const news = {
    phase: object.status?.phase ?? ('Pending' as const),
    attempt: object.status?.attempt,
    waitingFor,
    components: seenComponents(object, inventory, observed.live),
    ...(helmChanged === undefined ? {} : { helmChanged }),
    ...(findings === undefined ? {} : { findings: [...findings] }),
    ...(inventory === undefined ? {} : { inventory: countOf(inventory) }),
  }
  return decide(object, news, now, { next: settled })
}

/** The status stays word for word. */
function asBefore(
  { object, now }: DeliveryInput,
  effects: readonly DeliveryEffect[],
  seconds: number,
  why = 'what is in hand',
): DeliveryDecision {
  const decision = decide(object, { phase: 'Pending', attempt: undefined }, now, {
    effects,
    next: waiting(seconds, why),
  })
  return object.status === undefined ? decision : { ...decision, status: object.status }
}

/** How long the watches may take after a start, or a new kind, before what they showed is no longer believed. */
const blindSeconds = 15

function blind(input: DeliveryInput, reason: string): DeliveryDecision {
  const since = input.observed.blindSince
  if (since === undefined || secondsBetween(since, input.now) < blindSeconds) return asBefore(input, [], 2, reason)
  return notSeen(input, input.object.status?.unknownSince ?? since, reason, 5)
}

function unseen(input: DeliveryInput): DeliveryDecision {
  const { object, observed, now } = input
  const { connection } = observed
  const { cluster } = object.spec.target
  switch (connection.state) {
    case 'connected':
    case 'connecting': {
      const since = connection.state === 'connecting' ? connection.since : now
      if (secondsBetween(since, now) < blindSeconds) return asBefore(input, [], 2)
      return notSeen(input, object.status?.unknownSince ?? since, `the cluster ${cluster} is being connected`, 15)
    }
    case 'lost': {
      const since = object.status?.unknownSince ?? connection.since
      return notSeen(
        input,
        since,
        `the cluster ${cluster} cannot be reached: ${connection.reason ?? 'no reason given'}`,
        60,
      )
    }
    case 'absent':
      return notSeen(input, object.status?.unknownSince ?? now, `there is no cluster ${cluster} in the fleet`, 60)
    default:
      return connection satisfies never
  }
}

/** Health is Unknown; what was seen last stays beside it, with since when it is old. */
function notSeen({ object, now }: DeliveryInput, since: string, why: string, seconds: number): DeliveryDecision {
  const { status } = object
  const last = summariseHealth((status?.components ?? []).map(({ health }) => health)).state
  const trouble =
    status?.components === undefined
      ? `Not seen since ${since}: ${why}`
      : `Not seen since ${since}: ${why}. Seen last: ${last}.`
  const news = {
    phase: status?.phase ?? ('Pending' as const),
    attempt: status?.attempt,
    waitingFor: `the cluster ${object.spec.target.cluster}`,
    unknownSince: since,
    trouble,
    drift: { state: 'Unknown' as const },
    helmChanged: status?.helmChanged,
  }
  return decide(object, news, now, { next: waiting(seconds, why) })
}
