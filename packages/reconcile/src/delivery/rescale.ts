import { isRecord, refKey } from '@flotilla/model'
import { computeWaves } from './install-order.ts'
import type { Inventory } from './inventory.ts'
import { failuresText } from './refusals.ts'
import type { PhaseStep, Work } from './work.ts'

export const rescaleKey = ({ id, attempt }: Pick<Work, 'id' | 'attempt'>): string => `rescale/${id}/${attempt.failures}`

/**
 * After autoscalers were pruned: numbers of replicas were left to them when the objects were written, and are now sent.
 * Undefined when there is nothing to do.
 */
export function rescale(work: Work, inventory: Inventory): PhaseStep | undefined {
  const { prepared, observed, attempt } = work
  const wanted = new Set(prepared.map(({ ref }) => refKey(ref)))
  const namespaces = new Set(
    inventory.entries
      .filter(({ ref, keep }) => ref.kind === 'HorizontalPodAutoscaler' && keep !== true && !wanted.has(refKey(ref)))
      .map(({ ref }) => ref.namespace),
  )
  const objects = prepared.filter(
    ({ ref, object: { spec } }) => namespaces.has(ref.namespace) && isRecord(spec) && spec['replicas'] !== undefined,
  )
  if (objects.length === 0) return undefined
  const result = observed.results.get(rescaleKey(work))
  if (result?.kind === 'applied') {
    return result.failures.length === 0 ? undefined : { fail: failuresText(result.failures), attempt, act: [] }
  }
  const waves = computeWaves(objects)
  return {
    act: [{ kind: 'apply', key: rescaleKey(work), waves, inventory, takeOver: false }],
    waitingFor: 'replicas that an autoscaler set',
  }
}
