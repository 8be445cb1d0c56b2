import type { Known } from '@flotilla/model'
import { known } from '@flotilla/model'
import type { Inventory, InventoryComponent } from './inventory.ts'
import type { ReleaseSight } from './types.ts'

export interface HelmChange {
  readonly component: string
  readonly gone: boolean
  readonly message: string
}

/** What plain helm did to the releases of a Delivery since its own newest record. */
export function computeHelmChanges(
  inventory: Inventory | undefined,
  releases: Known<ReadonlyMap<string, ReleaseSight>>,
  deliveryUid: string,
): Known<readonly HelmChange[]> {
  const withRelease = Object.entries(inventory?.components ?? {}).filter(([, { release }]) => release !== undefined)
  if (withRelease.length === 0) return known([])
  if (!releases.known) return releases
  const changes: HelmChange[] = []
  for (const [component, { release }] of withRelease) {
    const change = release === undefined ? undefined : compare(component, release, releases.value, deliveryUid)
    if (change !== undefined) changes.push(change)
  }
  return known(changes)
}

function compare(
  component: string,
  ours: NonNullable<InventoryComponent['release']>,
  releases: ReadonlyMap<string, ReleaseSight>,
  deliveryUid: string,
): HelmChange | undefined {
  const seen = releases.get(ours.name)
  if (seen === undefined) {
    return { component, gone: true, message: `helm uninstalled the release ${ours.name}` }
  }
  if (seen.status === 'uninstalled' || seen.status === 'uninstalling') {
    return { component, gone: true, message: `helm uninstalled the release ${ours.name} (revision ${seen.revision})` }
  }
  // plain helm may have taken the very number that was planned for ours
  if (seen.writtenBy === deliveryUid || seen.revision < ours.revision) return undefined
  const made = `helm made revision ${seen.revision} (${seen.status}) of the release ${ours.name}`
  const message = seen.revision === ours.revision ? made : `${made}; Flotilla made ${ours.revision}`
  return { component, gone: false, message }
}
