import { type ObjectRef, refKey, refText, canonicalJson } from '@flotilla/model'
import type { Attempt } from './attempt.ts'
import { findDoubleKeys } from './double-keys.ts'
import type { HookRound } from './hooks.ts'
import { sortForRemoval } from './install-order.ts'
import { type Inventory, type InventoryComponent, type InventoryEntry, shrinkInventory } from './inventory.ts'
import { applyKey, count, stepRound } from './phases.ts'
import { failuresText } from './refusals.ts'
import { rescale, rescaleKey } from './rescale.ts'
import type { DeliveryEffect } from './types.ts'
import { changedComponents, type PhaseStep, type Work } from './work.ts'

/** `done`: nothing left to do here. */
type Part = PhaseStep | { readonly done: Attempt }

/** After everything wanted is there and well: what left goes, the inventory shrinks, the Helm records are written. */
export function pruning(work: Work): PhaseStep {
  const { inventory } = work
  // without an inventory nothing may be taken away: what is wanted is applied again, which writes one
  if (inventory === undefined) return { go: 'Applying' }
  let attempt = work.attempt
  for (const part of [preDelete, prune, rescaled, postDelete, removeRecords, shrink, writeRecords]) {
    const step = part({ ...work, attempt }, inventory)
    if (!('done' in step)) return step
    attempt = step.done
  }
  const { revision, digest } = work.desired
  const { syncRequest } = attempt
  const applied = {
    revision,
    digest,
    at: work.now,
    ...(syncRequest === undefined ? {} : { syncRequest }),
    ...(attempt.standby === true ? { standby: true } : {}),
  }
  return { settle: applied, findings: findingsOf(work) }
}

const removedComponents = ({ desired }: Work, inventory: Inventory): [string, InventoryComponent][] =>
  Object.entries(inventory.components).filter(([name]) => !desired.components.some((wanted) => wanted.name === name))

function preDelete(work: Work, inventory: Inventory): Part {
  return removalHooks(work, inventory, 'pre-delete')
}

function postDelete(work: Work, inventory: Inventory): Part {
  return removalHooks(work, inventory, 'post-delete')
}

function removalHooks(work: Work, inventory: Inventory, event: 'pre-delete' | 'post-delete'): Part {
  const removed = removedComponents(work, inventory)
  const unloaded = removed.map(([, { digest }]) => digest).filter((digest) => !work.observed.sets.has(digest))
  if (unloaded.length > 0) {
    const effect: DeliveryEffect = { kind: 'loadSets', key: `load/${unloaded.join()}`, digests: unloaded }
    return { act: [effect], waitingFor: 'the sets of what is removed' }
  }
  const rounds = removed.flatMap(([, { digest }]): HookRound[] => {
    // a set that is gone takes its hooks with it; its objects are known from the inventory
    const set = work.observed.sets.get(digest)
    return set === undefined ? [] : [{ set, digest, event }]
  })
  const step = stepRound(work, rounds, event, 'Pruning', event === 'pre-delete' ? ['post-delete'] : [])
  return 'go' in step ? { done: step.attempt ?? work.attempt } : step
}

const pruneKey = ({ id, attempt }: Work): string => `prune/${id}/${attempt.failures}`
const releaseKey = ({ id, attempt }: Work): string => `release/${id}/${attempt.failures}`

/** Needs all three: in the inventory, labelled with our uid (that is what `live` holds), and both of them known. */
function prune(work: Work, inventory: Inventory): Part {
  const { live, observed, attempt, prepared } = work
  const wanted = new Set(prepared.map(({ ref }) => refKey(ref)))
  const left = inventory.entries.filter((entry) => !wanted.has(refKey(entry.ref)) && !runsOut(work, entry))
  const leftovers = left.filter(({ ref, keep }) => keep !== true || live.has(refKey(ref)))
  const pruned = observed.results.get(pruneKey(work))
  const released = observed.results.get(releaseKey(work))
  if (pruned?.kind === 'failures' && pruned.failures.length > 0) {
    return { fail: failuresText(pruned.failures), attempt, act: [] }
  }
  const effects: DeliveryEffect[] = []
  const goes = sortForRemoval(leftovers.filter(({ keep }) => keep !== true))
  if (goes.length > 0 && pruned === undefined) {
    const objects = goes.map(({ ref }) => ({ ref, uid: live.get(refKey(ref))?.uid }))
    effects.push({ kind: 'prune', key: pruneKey(work), objects })
  }
  const stays: readonly ObjectRef[] = leftovers.filter(({ keep }) => keep === true).map(({ ref }) => ref)
  if (stays.length > 0 && released === undefined) {
    effects.push({ kind: 'release', key: releaseKey(work), refs: stays })
  }
  return effects.length === 0
    ? { done: attempt }
    : { act: effects, waitingFor: `${count(goes.length, 'object')} to be pruned` }
}

/** A Job that was begun before its target went to standby: it is let end, and stays in the inventory. */
function runsOut({ attempt, desired }: Work, { ref, component }: InventoryEntry): boolean {
  const isWanted = desired.components.some(({ name }) => name === component)
  return attempt.standby === true && ref.group === 'batch' && ref.kind === 'Job' && isWanted
}

function rescaled(work: Work, inventory: Inventory): Part {
  return rescale(work, inventory) ?? { done: work.attempt }
}

function removeRecords(work: Work, inventory: Inventory): Part {
  const releases = removedComponents(work, inventory).flatMap(([, { release }]) =>
    release === undefined ? [] : [release.name],
  )
  const key = `remove-records/${work.id}`
  if (releases.length === 0 || work.observed.results.has(key)) return { done: work.attempt }
  return { act: [{ kind: 'removeHelmRecords', key, releases }], waitingFor: 'Helm records being removed' }
}

function shrink(work: Work, before: Inventory): Part {
  const { attempt, prepared, observed, live, id } = work
  const result = observed.results.get(applyKey(work))
  const applied = result?.kind === 'applied' ? result : undefined
  const scaled = observed.results.get(rescaleKey(work))
  const wanted = new Set(prepared.map(({ ref }) => refKey(ref)))
  const shrunk = shrinkInventory({
    before,
    objects: prepared,
    applied: new Map([...(applied?.applied ?? []), ...(scaled?.kind === 'applied' ? scaled.applied : [])]),
    skipped: new Set(applied?.skipped ?? []),
    leaving: new Set(
      before.entries
        .filter((entry) => entry.keep !== true && !wanted.has(refKey(entry.ref)) && live.has(refKey(entry.ref)))
        .filter((entry) => !runsOut(work, entry))
        .map(({ ref }) => refKey(ref)),
    ),
    runningOut: before.entries.filter((entry) => !wanted.has(refKey(entry.ref)) && runsOut(work, entry)),
    components: computeInventoryComponents(work, before),
  })
  if (canonicalJson(shrunk) === canonicalJson(before)) return { done: attempt }
  const key = `shrink/${id}/${attempt.failures}/${before.resourceVersion ?? ''}`
  const refused = observed.results.get(key)
  if (refused?.kind === 'refused') return { fail: refused.message, attempt, act: [] }
  return { act: [{ kind: 'writeInventory', key, inventory: shrunk }], waitingFor: 'the inventory' }
}

function computeInventoryComponents(work: Work, before: Inventory): Record<string, InventoryComponent> {
  return Object.fromEntries(
    work.desired.components.map(({ name, digest, version }) => {
      const release = computeRelease(work, before, name, digest)
      return [
        name,
        { digest, ...(version === undefined ? {} : { version }), ...(release === undefined ? {} : { release }) },
      ]
    }),
  )
}

/** The Helm record that should be the newest: the one we have, or the next one where something of the release changed. */
function computeRelease(work: Work, before: Inventory, name: string, digest: string): InventoryComponent['release'] {
  const helm = work.sets.get(digest)?.helm
  if (helm === undefined) return undefined
  const ours = before.components[name]?.release
  const isOurs = ours?.name === helm.releaseName
  if (isOurs && ours.attempt === work.id) return recordRefused(work, helm.releaseName, ours.revision) ? undefined : ours
  const { releases } = work.observed
  const seen = releases.known ? releases.value.get(helm.releaseName) : undefined
  const changed = changedComponents({ ...work, inventory: before }).some((component) => component.name === name)
  const foreign = seen !== undefined && seen.writtenBy !== work.uid
  if (!changed && !(work.forced && foreign)) {
    if (isOurs) return ours
    // the inventory was lost, and the record was not
    return seen?.writtenBy === work.uid ? { name: helm.releaseName, revision: seen.revision, attempt: '' } : undefined
  }
  const revision = Math.max(seen?.revision ?? 0, isOurs ? ours.revision : 0) + 1
  if (recordRefused(work, helm.releaseName, revision)) return undefined
  return { name: helm.releaseName, revision, attempt: work.id }
}

const recordKey = (release: string, revision: number): string => `record/${release}/${revision}`
const recordRefused = ({ observed }: Work, release: string, revision: number): boolean =>
  observed.results.get(recordKey(release, revision))?.kind === 'refused'

function writeRecords(work: Work, inventory: Inventory): Part {
  const { desired, observed, id, attempt } = work
  if (!observed.releases.known) return { act: [], waitingFor: `Helm records: ${observed.releases.reason}`, seconds: 2 }
  const seen = observed.releases.value
  const effects = desired.components.flatMap(({ name, digest }): DeliveryEffect[] => {
    const release = inventory.components[name]?.release
    if (release === undefined || release.attempt !== id) return []
    const key = recordKey(release.name, release.revision)
    const there = seen.get(release.name)
    const taken = there !== undefined && there.revision >= release.revision
    // where plain helm was faster, its record stays, and is reported as what helm did
    const complete = taken && (there.writtenBy !== work.uid || (there.deployed ?? 1) <= 1)
    if (observed.results.has(key) || complete) return []
    const install = attempt.installs?.includes(name) === true
    const record = {
      component: name,
      releaseName: release.name,
      revision: release.revision,
      setDigest: digest,
      install,
    }
    return [{ kind: 'writeHelmRecord', key, record }]
  })
  return effects.length === 0 ? { done: attempt } : { act: effects, waitingFor: 'Helm records' }
}

const mostDoubles = 20

function findingsOf(work: Work) {
  const doubles = work.prepared.flatMap(({ object, ref, component }) => {
    const keys = findDoubleKeys(object)
    if (keys.length === 0) return []
    const text = `${refText(ref)} has entries twice, of which Kubernetes keeps both and the last one counts: ${keys.join('; ')}`
    const message = `${text.slice(0, 1500)}. Leave one of each out: what is taken out of such an object later may stay in the cluster.`
    return [{ severity: 'Warning' as const, code: 'delivery.double_key', message, component }]
  })
  return [...recordFindings(work), ...doubles.slice(0, mostDoubles)]
}

function recordFindings({ desired, observed, inventory }: Work) {
  return desired.components.flatMap(({ name }) => {
    for (const [key, result] of observed.results) {
      if (
        key.startsWith('record/') &&
        result.kind === 'refused' &&
        inventory?.components[name]?.release === undefined
      ) {
        return [{ severity: 'Warning' as const, code: 'helm.record', message: result.message, component: name }]
      }
    }
    return []
  })
}
