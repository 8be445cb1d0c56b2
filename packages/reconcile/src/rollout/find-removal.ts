import { type Finding, targetKey } from '@flotilla/model'
import { nameSome } from '../name-some.ts'
import { hasSomething } from './placed.ts'
import type { OpeningSight } from './plan-opening.ts'
import type { Draft } from './plan-targets.ts'
import { bringsNothing } from './run.ts'

/**
 * What a rollback takes away from targets that had nothing before. That is the way back of a first installation; but where
 * targets that had the application before have it no longer (a move, say), it would be gone from there and from here.
 */
export function findRemoval(
  { back, targets }: Draft,
  { deliveries, placed }: Pick<OpeningSight, 'deliveries' | 'placed'>,
): Finding[] {
  if (back === undefined) return []
  // what has something else by now, or nothing, is left as it is
  const going = targets.filter((target) => deliveries.get(targetKey(target))?.spec.desired?.digest === target.expected)
  const has = (key: string): boolean => hasSomething(deliveries.get(key))
  const emptied = going
    .filter(({ want }) => bringsNothing(want))
    .map(targetKey)
    .filter((key) => has(key) && (!placed.known || placed.value.includes(key)))
  if (emptied.length === 0) return []
  const given = new Set(going.filter(({ want }) => !bringsNothing(want)).map(targetKey))
  const lost = back.hadIt.filter((key) => !has(key) && !given.has(key))
  const code = 'rollout.would_remove'
  if (lost.length === 0) {
    const message = `It takes the application away from ${nameSome(emptied)}: nothing of it was there before.`
    return [{ severity: 'Info', code, message }]
  }
  const taken = `the application away from ${nameSome(emptied)}, where nothing of it was before, and what had it then has it no longer: ${nameSome(lost)}.`
  if (back.forced) return [{ severity: 'Warning', code, message: `It takes ${taken} That does not come back.` }]
  const message = `It would take ${taken} Freeze a release with the versions of before for where the application is now, or force it with a reason.`
  return [{ severity: 'Error', code, message, field: 'spec.rollback.force' }]
}
