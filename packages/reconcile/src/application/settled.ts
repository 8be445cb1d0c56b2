import type { Delivery, DeliveryPhase } from '@flotilla/model'
import { isSameWish } from '../delivery/attempt.ts'

/** How long a target that was applied whole may take to become healthy before it holds up no other any more. */
export const healthBoundSeconds = 300

/** Work is being done, or was left undone. */
const moving = new Set<DeliveryPhase>(['DryRun', 'PreHooks', 'Applying', 'PostHooks', 'Pruning', 'Failed'])

/**
 * Whether a target is at rest: what is wanted there was applied whole, and it is healthy or had its time to become so.
 * `untilSeconds` says when time alone will make it so.
 */
export function computeSettled(
  { spec, status }: Delivery,
  now: string,
): { readonly settled: boolean; readonly untilSeconds?: number } {
  if (spec.desired === undefined) return { settled: true }
  const applied = status?.applied
  if (applied === undefined || !isSameWish({ spec }, applied) || applied.syncRequest !== spec.syncRequest)
    return { settled: false }
  if (status?.phase !== undefined && moving.has(status.phase)) return { settled: false }
  if (status?.health === 'Healthy' || status?.health === 'Suspended') return { settled: true }
  const left = healthBoundSeconds - (Date.parse(now) - Date.parse(applied.at)) / 1000
  // a time that cannot be read is no reason to wait for ever
  return left > 0 ? { settled: false, untilSeconds: Math.ceil(left) } : { settled: true }
}
