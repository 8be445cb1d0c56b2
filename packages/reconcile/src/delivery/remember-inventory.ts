import type { Delivery } from '@flotilla/model'
import type { Inventory } from './inventory.ts'

/**
 * Somebody removed or damaged the inventory: what was applied is remembered by the status, and what there is will be found
 * again by what is wanted. Any other inventory stays as it is.
 */
export function rememberInventory(
  { metadata, spec, status }: Delivery,
  seen: Inventory | undefined,
): Inventory | undefined {
  if (seen !== undefined && Object.keys(seen.components).length > 0) return seen
  // a target that is emptied: what names no component was written so
  if (seen !== undefined && seen.attempt !== '' && spec.desired?.components.length === 0) return seen
  const { applied, components, inventory } = status ?? {}
  if (applied === undefined) return seen
  const remembered = (components ?? []).flatMap(({ name, digest, version }) =>
    digest === undefined ? [] : [[name, { digest, ...(version === undefined ? {} : { version }) }] as const],
  )
  return {
    ...(seen ?? { deliveryUid: metadata.uid ?? '', epoch: inventory?.epoch ?? 0, attempt: '', entries: [] }),
    components: Object.fromEntries(remembered),
  }
}
