import type { Health, ObjectRef } from '@flotilla/model'

/** One delivered object as it is in the member. The server's `LiveObject` fits. */
export interface LiveObjectSight {
  readonly ref: ObjectRef
  readonly uid: string
  readonly resourceVersion: string
  readonly contentHash: string
  readonly health: Health
  readonly images: readonly string[]
  readonly ready?: number
  readonly wanted?: number
}

/** The objects that carry a Delivery's label, by `refKey`. */
export type LiveSight = ReadonlyMap<string, LiveObjectSight>

/** True when `seen` is not older than `than`. Kubernetes compares resource versions as numbers (KEP-5504). */
export function isAtLeast(seen: string, than: string): boolean {
  if (!/^\d{1,40}$/.test(seen) || !/^\d{1,40}$/.test(than)) return seen === than
  return BigInt(seen) >= BigInt(than)
}
