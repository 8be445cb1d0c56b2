import { type Delivery, type RolloutDocumentTarget, targetKey } from '@flotilla/model'
import { bringsNothing } from './run.ts'
import type { RolloutObserved } from './types.ts'

/** Whether a target has something of the application that stays. */
export const hasSomething = (delivery: Delivery | undefined): boolean =>
  delivery !== undefined && delivery.metadata.deletionTimestamp === undefined && !bringsNothing(delivery.spec.desired)

/**
 * Whether writing a target would bring the application where it has no place any more: the placement or the project's rules
 * changed, or a move was undone. One that still has something keeps being delivered until a release empties it.
 */
export function isForeign(
  target: Pick<RolloutDocumentTarget, 'cluster' | 'namespace' | 'want'>,
  delivery: Delivery | undefined,
  placed: RolloutObserved['placed'],
): boolean {
  if (!placed.known || bringsNothing(target.want) || hasSomething(delivery)) return false
  return !placed.value.includes(targetKey(target))
}
