import { type Delivery, finalizer, labels, type ObjectRef, refKey, settled, waiting } from '@flotilla/model'
import { addSeconds, type Attempt, attemptId, retrySeconds, secondsBetween } from './attempt.ts'
import { type HookRound, planHooks, isStopped } from './hooks.ts'
import { sortForRemoval } from './install-order.ts'
import type { Inventory } from './inventory.ts'
import type { LiveSight } from './live-sight.ts'
import { prepareObjects } from './prepare-objects.ts'
import { failuresText } from './refusals.ts'
import { rememberInventory } from './remember-inventory.ts'
import { type HookStep, stepHooks, stepLeftHook } from './step-hooks.ts'
import type { Barred, DeliveryDecision, DeliveryEffect, DeliveryInput } from './types.ts'
import { countOf, decide, hookTimeout, seenComponents, waitText } from './work.ts'

/** How long a cluster may be looked for after a start before it counts as lost. */
const connectingSeconds = 60
/** How long objects may take to go before the post-delete hooks run all the same. */
const goingSeconds = 120

/** A Delivery that is going: takes away what it brought, or lets go of it; a lost cluster never holds it up. */
export function removeDelivery(input: DeliveryInput): DeliveryDecision {
  const { object, observed } = input
  if (object.metadata.finalizers?.includes(finalizer) !== true) return leave(input, [])
  const { connection, inventory, live } = observed
  if (isLost(input)) {
    // where nothing was begun, nothing can be left behind
    const began = object.status?.inventory !== undefined || object.status?.attempt !== undefined
    return leave(input, began ? [orphan(object.spec.deletionPolicy)] : [])
  }
  if (connection.state !== 'connected') return wait(input, 'the cluster to be reached')
  if (observed.barred !== undefined) return leaveBarred(input, observed.barred)
  // who keeps need not know what there is: it is let go of once it can be seen
  if (object.spec.deletionPolicy === 'Keep' && isBlind(input)) return leave(input, [orphan('Keep')])
  if (!inventory.known) return wait(input, `the inventory: ${inventory.reason}`)
  if (inventory.value === undefined) return leave(input, letGoOfHook(object))
  if (!live.known) return wait(input, `what runs there: ${live.reason}`)
  if (object.spec.deletionPolicy === 'Keep') {
    const refs = inventory.value.entries.map(({ ref }) => ref).filter((ref) => live.value.has(refKey(ref)))
    return leave(input, [
      ...letGoOfHook(object),
      { kind: 'release', key: 'release', refs },
      { kind: 'removeInventory', key: 'inventory' },
    ])
  }
  return takeAway(input, inventory.value, live.value)
}

/** How long somebody who keeps the objects waits for them to be seen. */
const blindSeconds = 30

function isBlind({ observed: { inventory, live, blindSince }, now }: DeliveryInput): boolean {
  if (inventory.known && live.known) return false
  return blindSince !== undefined && secondsBetween(blindSince, now) > blindSeconds
}

const orphan = (policy: 'Delete' | 'Keep'): DeliveryEffect => ({ kind: 'recordOrphan', key: 'orphan', policy })

/** The member refuses the delivery group: with its namespace everything went; else a person decides, and keeping always gets through. */
function leaveBarred(input: DeliveryInput, { reason, namespace }: Barred): DeliveryDecision {
  const { object, now } = input
  const { spec, metadata, status } = object
  const { cluster, namespace: name } = spec.target
  if (namespace !== 'present') {
    const hook = status?.attempt?.hook
    const effects: DeliveryEffect[] = []
    if (hook !== undefined && namespace === 'going')
      effects.push({ kind: 'finishHook', key: `finish/${hook.key}`, hook, remove: false, asPlatform: true })
    if (spec.project.scope === 'Cluster') {
      const label = `${labels.delivery}=${metadata.uid ?? ''}`
      const message = `${spec.application.name} was removed from ${cluster}, whose namespace ${name} went before, and with it the list of what it brought: cluster-scoped objects labelled ${label} stay as they are`
      effects.push({ kind: 'recordLeft', key: `left/${metadata.uid ?? ''}`, message })
    }
    return leave(input, effects)
  }
  if (spec.deletionPolicy === 'Keep') return leave(input, [orphan('Keep')])
  const trouble = `${reason}\nIt may not remove what it brought to ${cluster}: the rights of the project in namespace ${name} are gone. They come back by themselves while the namespace carries the project's labels; to leave the objects where they are, delete again with --objects keep.`
  const news = { phase: 'Removing' as const, attempt: status?.attempt, trouble, waitingFor: 'the rights to remove' }
  return decide(object, news, now, { next: waiting(5, 'the rights to remove') })
}

function isLost({ observed: { connection }, now }: DeliveryInput): boolean {
  if (connection.state === 'lost' || connection.state === 'absent') return true
  return connection.state === 'connecting' && secondsBetween(connection.since, now) > connectingSeconds
}

/** Our finalizer must not stay on a hook that nobody waits for any more. */
function letGoOfHook(object: Delivery): DeliveryEffect[] {
  const hook = object.status?.attempt?.hook
  return hook === undefined ? [] : [{ kind: 'finishHook', key: `finish/${hook.key}`, hook, remove: false }]
}

function leave({ object, observed, now }: DeliveryInput, before: readonly DeliveryEffect[]): DeliveryDecision {
  const has = object.metadata.finalizers?.includes(finalizer) === true
  const effects: DeliveryEffect[] = has ? [...before, { kind: 'removeFinalizer', key: 'finalizer' }] : []
  const { trouble } = observed
  const waitingFor = has && trouble !== undefined ? waitText('what is left', observed) : undefined
  return decide(object, { phase: 'Removing', attempt: object.status?.attempt, waitingFor }, now, {
    effects,
    next: settled,
  })
}

function wait({ object, now }: DeliveryInput, waitingFor: string): DeliveryDecision {
  const news = { phase: 'Removing' as const, attempt: object.status?.attempt, waitingFor }
  return decide(object, news, now, { next: waiting(5, waitingFor) })
}

interface Removal {
  readonly input: DeliveryInput
  readonly inventory: Inventory
  readonly live: LiveSight
  readonly attempt: Attempt
}

function takeAway(input: DeliveryInput, seen: Inventory, live: LiveSight): DeliveryDecision {
  const { object, observed, now } = input
  const inventory = foundAgain(input, seen)
  const left = object.status?.attempt
  if (left !== undefined && left.digest !== removalDigest) {
    const timeoutSeconds = (component: string): number => hookTimeout(object.spec.desired, component)
    const step = stepLeftHook({ delivery: object, attempt: left, observed, timeoutSeconds, now })
    if (!step.over) return say({ input, inventory, live, attempt: step.attempt }, step.waitingFor, step.effects)
  }
  let removal: Removal = { input, inventory, live, attempt: removalAttempt(object, now) }
  const digests = Object.values(inventory.components).map(({ digest }) => digest)
  const unloaded = digests.filter((digest) => !observed.sets.has(digest))
  if (unloaded.length > 0) {
    return say(removal, 'the rendered sets', [{ kind: 'loadSets', key: `load/${unloaded.join()}`, digests: unloaded }])
  }
  const before = stepRound(removal, 'pre-delete')
  if (before.step !== 'done') return sayHooks(removal, before)
  removal = { ...removal, attempt: before.attempt }
  const going = prune(removal)
  if (going !== undefined) return going
  const after = stepRound(removal, 'post-delete')
  if (after.step !== 'done') return sayHooks(removal, after)
  const releases = Object.values(inventory.components).flatMap(({ release }) =>
    release === undefined ? [] : [release.name],
  )
  return leave(input, [
    ...(releases.length === 0 ? [] : [{ kind: 'removeHelmRecords' as const, key: 'records', releases }]),
    { kind: 'removeInventory', key: 'inventory' },
  ])
}

/** A damaged inventory names nothing: what was applied, as far as its sets are still stored, takes its place. */
function foundAgain({ object, observed }: DeliveryInput, seen: Inventory): Inventory {
  const inventory = rememberInventory(object, seen) ?? seen
  if (inventory === seen || seen.entries.length > 0) return inventory
  const entries = Object.values(inventory.components).flatMap(({ digest }) => {
    const set = observed.sets.get(digest)
    if (set === undefined) return []
    return prepareObjects(object, set, observed.hashKey).map(({ ref, component, keep, fromCrdFolder }) => ({
      ref,
      component,
      keep: keep || fromCrdFolder,
    }))
  })
  return { ...inventory, entries }
}

/** What stopped for a person is looked at again: its namespace may have gone meanwhile. */
const stoppedSeconds = 30
const removalDigest = 'removal'

/** The removal is an attempt of its own; a person's sync begins it anew and repeats no hook that ended well. */
function removalAttempt(object: Delivery, now: string): Attempt {
  const { syncRequest } = object.spec
  const before = object.status?.attempt
  const asked = syncRequest === undefined ? {} : { syncRequest }
  if (before?.digest !== removalDigest) {
    return { digest: removalDigest, startedAt: now, hooksDone: [], failures: 0, ...asked }
  }
  const atWork = before.hook !== undefined && !isStopped(before.hook)
  if (before.syncRequest === syncRequest || atWork) return before
  return { digest: removalDigest, startedAt: now, hooksDone: before.hooksDone, failures: 0, ...asked }
}

function stepRound({ input, inventory, attempt }: Removal, event: 'pre-delete' | 'post-delete'): HookStep {
  const rounds = Object.values(inventory.components).flatMap(({ digest }): HookRound[] => {
    const set = input.observed.sets.get(digest)
    return set === undefined ? [] : [{ set, digest, event }]
  })
  return stepHooks({
    delivery: input.object,
    attempt,
    planned: planHooks(rounds),
    round: event,
    later: event === 'pre-delete' ? ['post-delete'] : [],
    observed: input.observed,
    timeoutSeconds: (component) => hookTimeout(input.object.spec.desired, component),
    now: input.now,
  })
}

/** Undefined when everything is gone, or has been given long enough. */
function prune(removal: Removal): DeliveryDecision | undefined {
  const { input, inventory, live, attempt } = removal
  const { object, observed, now } = input
  const postBegan = attempt.hook !== undefined || attempt.hooksDone.some((id) => id.includes('/post-delete/'))
  const there = inventory.entries.filter(({ ref }) => live.has(refKey(ref)))
  if (postBegan || there.length === 0) return undefined
  const key = `prune/${attemptId(object, attempt)}/${attempt.failures}`
  const pruned = observed.results.get(key)
  const goes = sortForRemoval(there.filter(({ keep }) => keep !== true))
  if (pruned === undefined) {
    const objects = goes.map(({ ref }) => ({ ref, uid: live.get(refKey(ref))?.uid ?? '' }))
    const refs: readonly ObjectRef[] = there.filter(({ keep }) => keep === true).map(({ ref }) => ref)
    return say(removal, `${goes.length} objects to be removed`, [
      { kind: 'prune', key, objects },
      ...(refs.length === 0 ? [] : [{ kind: 'release' as const, key: `release/${key}`, refs }]),
    ])
  }
  if (pruned.kind === 'failures' && pruned.failures.length > 0) {
    const text = failuresText(pruned.failures)
    const retryAt = attempt.retryAt ?? addSeconds(now, retrySeconds(attempt.failures + 1))
    if (now < retryAt)
      return stop({ ...removal, attempt: { ...attempt, retryAt } }, text, [], secondsBetween(now, retryAt))
    const { retryAt: _due, ...rest } = attempt
    return prune({ ...removal, attempt: { ...rest, failures: attempt.failures + 1 } })
  }
  const waitsOn = goes.length > 0 && secondsBetween(attempt.startedAt, now) < goingSeconds
  return waitsOn ? say(removal, `${goes.length} objects to be gone`, [], 5) : undefined
}

function say(removal: Removal, waitingFor: string, effects: readonly DeliveryEffect[], seconds = 2): DeliveryDecision {
  const { input, inventory, attempt } = removal
  const components = seenComponents(input.object, inventory, input.observed.live)
  const text = effects.length === 0 ? waitingFor : waitText(waitingFor, input.observed)
  const news = { phase: 'Removing' as const, attempt, waitingFor: text, components, inventory: countOf(inventory) }
  return decide(input.object, news, input.now, { effects, next: waiting(seconds, waitingFor) })
}

function sayHooks(removal: Removal, step: Exclude<HookStep, { step: 'done' }>): DeliveryDecision {
  const of = { ...removal, attempt: step.attempt }
  return step.step === 'work' ? say(of, step.waitingFor, step.effects) : stop(of, step.message, step.effects)
}

function stop(
  { input, attempt }: Removal,
  message: string,
  effects: readonly DeliveryEffect[],
  seconds = stoppedSeconds,
): DeliveryDecision {
  const trouble = `${message}\nSync to try it again, or set deletionPolicy: Keep to leave its objects where they are.`
  const news = { phase: 'Removing' as const, attempt, trouble, waitingFor: 'a person' }
  return decide(input.object, news, input.now, { effects, next: waiting(seconds, message) })
}
