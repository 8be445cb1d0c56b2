import { type ObjectRef, refKey } from '@flotilla/model'
import type { AppliedObject, PreparedObject } from './types.ts'

export interface InventoryEntry {
  readonly ref: ObjectRef
  readonly component: string
  /** Hash of the object as it was last sent; absent until an apply of it was seen through. */
  readonly desired?: string | undefined
  /** Content hash that the API server answered with then. */
  readonly live?: string | undefined
  /** Stays when it is no longer wanted. */
  readonly keep?: boolean | undefined
  /** No longer wanted, and told to go; something still holds it. */
  readonly leaving?: boolean | undefined
}

export interface InventoryComponent {
  /** Digest of the set that was last applied whole. */
  readonly digest: string
  readonly version?: string | undefined
  /** The newest Helm record that this Delivery wrote, or is about to write. */
  readonly release?: { readonly name: string; readonly revision: number; readonly attempt: string } | undefined
}

/** What a Delivery put into its target, kept there. */
export interface Inventory {
  readonly deliveryUid: string
  /** Grows with each write of a new attempt; a writer that saw an older one is late. */
  readonly epoch: number
  /** The attempt that wrote it last. */
  readonly attempt: string
  readonly components: Readonly<Record<string, InventoryComponent>>
  readonly entries: readonly InventoryEntry[]
  /** Of the ConfigMap that was read; a write names it, so that of two writers one fails. */
  readonly resourceVersion?: string | undefined
}

const byKey = (entries: readonly InventoryEntry[]): Map<string, InventoryEntry> =>
  new Map(entries.map((entry) => [refKey(entry.ref), entry]))
const sorted = (entries: Iterable<InventoryEntry>): InventoryEntry[] =>
  [...entries].sort((a, b) => (refKey(a.ref) < refKey(b.ref) ? -1 : 1))

/** What is there already and what is about to come: nothing that may exist is ever missing from the inventory. */
export function unionInventory(
  before: Inventory | undefined,
  deliveryUid: string,
  attempt: string,
  objects: readonly PreparedObject[],
): Inventory {
  const entries = byKey(before?.entries ?? [])
  for (const { ref, component, keep, fromCrdFolder } of objects) {
    const { leaving: _leaving, ...old } = entries.get(refKey(ref)) ?? {}
    entries.set(refKey(ref), { ...old, ref, component, ...(keep || fromCrdFolder ? { keep: true } : {}) })
  }
  return {
    deliveryUid,
    epoch: (before?.epoch ?? 0) + 1,
    attempt,
    components: before?.components ?? {},
    entries: sorted(entries.values()),
    resourceVersion: before?.resourceVersion,
  }
}

/** True when every object is in it, and this attempt wrote it. */
export function coversUnion(
  inventory: Inventory | undefined,
  attempt: string,
  objects: readonly PreparedObject[],
): inventory is Inventory {
  if (inventory === undefined || inventory.attempt !== attempt) return false
  const entries = byKey(inventory.entries)
  return objects.every(({ ref }) => entries.has(refKey(ref)) && entries.get(refKey(ref))?.leaving !== true)
}

export interface ShrinkInput {
  readonly before: Inventory
  readonly objects: readonly PreparedObject[]
  /** Answers of the apply, as far as this process made it. */
  readonly applied: ReadonlyMap<string, AppliedObject>
  /** Objects that are not ours after all, by `refKey`. */
  readonly skipped: ReadonlySet<string>
  /** Told to go and still there, by `refKey`. */
  readonly leaving: ReadonlySet<string>
  /** Not written now, and not taken away either. */
  readonly runningOut: readonly InventoryEntry[]
  readonly components: Readonly<Record<string, InventoryComponent>>
}

/** Exactly what is wanted now, with the hashes of what was sent and answered; plus what is still on its way out. */
export function shrinkInventory(input: ShrinkInput): Inventory {
  const { before, objects, applied, skipped, leaving, runningOut, components } = input
  const old = byKey(before.entries)
  const entries = byKey(runningOut)
  for (const { ref, component, hash, keep, fromCrdFolder } of objects) {
    const key = refKey(ref)
    if (skipped.has(key)) continue
    const known = old.get(key)
    const live = applied.get(key)?.live ?? (known?.desired === hash ? known.live : undefined)
    entries.set(key, {
      ref,
      component,
      desired: hash,
      ...(live === undefined ? {} : { live }),
      ...(keep || fromCrdFolder ? { keep: true } : {}),
    })
  }
  for (const [key, entry] of old) {
    if (leaving.has(key) && !entries.has(key))
      entries.set(key, { ref: entry.ref, component: entry.component, leaving: true })
  }
  return { ...before, components, entries: sorted(entries.values()) }
}
