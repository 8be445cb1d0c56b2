import { labels, type ObjectRef, refKey } from '@flotilla/model'
import type { Inventory } from '@flotilla/reconcile'
import type { Workbench } from './deps.ts'
import { inventoryKey, readInventory } from './inventory-config-map.ts'
import { removeHelmRecords } from './helm-records.ts'
import { atOnce } from './dry-run-objects.ts'
import { inParallel } from './in-parallel.ts'
import { keptText } from './execute-effect.ts'
import type { Orphan } from './orphans.ts'
import { pruneObjects, releaseObjects } from './remove-objects.ts'
import { finishHook } from './run-hook.ts'

/**
 * Takes away, or lets go of, what a removed Delivery left in a cluster that is back: what its inventory names and what
 * carries its uid, both of them. Hooks do not run any more: the Delivery that would report on them is gone.
 */
export async function sweepOrphan(bench: Workbench, { policy, hook }: Omit<Orphan, 'delivery'>): Promise<void> {
  if (hook !== undefined) await finishHook(bench, hook, false)
  const inventory = await readInventory(bench)
  if (inventory === undefined || inventory.entries.length === 0) return
  const own = await findOwn(bench, inventory)
  const goes = policy === 'Keep' ? [] : own.filter(({ ref }) => !isKept(inventory, ref))
  const going = new Set(goes.map(({ ref }) => refKey(ref)))
  const kept = await releaseObjects(
    bench,
    own.map(({ ref }) => ref).filter((ref) => !going.has(refKey(ref))),
  )
  if (kept.length > 0) bench.deps.log.warn('objects not let go of', { message: keptText(kept) })
  const pruned = await pruneObjects(bench, goes)
  if (pruned.kind === 'failures' && pruned.failures.length > 0) {
    throw new Error(pruned.failures.map(({ message }) => message).join('; '))
  }
  if (policy === 'Delete') {
    const releases = Object.values(inventory.components).flatMap(({ release }) =>
      release === undefined ? [] : [release.name],
    )
    await removeHelmRecords(bench, releases)
  }
  await bench.client.delete(inventoryKey(bench.delivery), { signal: bench.signal })
}

const isKept = ({ entries }: Inventory, ref: ObjectRef): boolean =>
  entries.some((entry) => entry.keep === true && refKey(entry.ref) === refKey(ref))

async function findOwn({ client, delivery, signal, counters }: Workbench, inventory: Inventory) {
  const found = await inParallel(inventory.entries, atOnce, async ({ ref }) => {
    counters.add('reads')
    const object = await client.find(ref, { signal })
    const owner = object?.metadata.labels?.[labels.delivery]
    return owner !== undefined && owner === delivery.metadata.uid ? { ref, uid: object?.metadata.uid ?? '' } : undefined
  })
  return found.filter((one) => one !== undefined)
}
