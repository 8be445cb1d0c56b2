import { type Delivery, type Target, targetKey } from '@flotilla/model'
import { nameSome } from '../name-some.ts'
import type { ObservedCluster } from './observed.ts'
import { computeSettled } from './settled.ts'
import type { Wanted } from './wanted.ts'

/** What happens to one target in this pass. */
export type Move =
  /** It has what is wanted. */
  | { readonly move: 'current' }
  /** It is given what is wanted now. */
  | { readonly move: 'go' }
  /** It keeps what it had, and this is why. */
  | { readonly move: 'held'; readonly reason: string }

export interface MovesQuestion {
  readonly targets: readonly Target[]
  readonly wanted: ReadonlyMap<string, Wanted>
  readonly deliveries: ReadonlyMap<string, Delivery>
  readonly clusters: ReadonlyMap<string, ObservedCluster>
  readonly maxConcurrency: number
  readonly syncRequest: string | undefined
  /** Why a target has to wait, for another application or for leave. */
  readonly mustWait: (target: Target) => string | undefined
  readonly now: string
}

/**
 * Lets at most `maxConcurrency` targets be unsettled at once. A target in a cluster that is known to be lost counts
 * for none, and goes last; one that is unsettled already may be given something newer at no cost.
 */
export function planMoves(question: MovesQuestion): Map<string, Move> {
  const { targets, wanted, deliveries, clusters, maxConcurrency, syncRequest, mustWait, now } = question
  const lost = (target: Target): boolean => clusters.get(target.cluster)?.connection === 'lost'
  const unsettled = new Set(
    [...deliveries].flatMap(([key, delivery]) => (computeSettled(delivery, now).settled ? [] : [key])),
  )
  const counted = [...deliveries].filter(
    ([key, { spec }]) => unsettled.has(key) && clusters.get(spec.target.cluster)?.connection !== 'lost',
  )
  let free = maxConcurrency - counted.length
  const moves = new Map<string, Move>()
  const reachableFirst = [...targets].sort((a, b) => Number(lost(a)) - Number(lost(b)))
  for (const target of reachableFirst) {
    const key = targetKey(target)
    const want = wanted.get(key)
    const delivery = deliveries.get(key)
    const held = (reason: string): unknown => moves.set(key, { move: 'held', reason })
    if (delivery?.metadata.deletionTimestamp !== undefined) held('it is being removed there first')
    else if (want === undefined || want.state === 'pending') held('it is being rendered')
    else if (want.state === 'waiting') held(want.reason)
    else if (want.state === 'failed') held(want.findings[0]?.message ?? 'it cannot be rendered')
    else if (delivery?.spec.desired?.digest === want.digest && delivery.spec.syncRequest === syncRequest)
      moves.set(key, { move: 'current' })
    else {
      const wait = mustWait(target)
      if (wait !== undefined) held(wait)
      else if (unsettled.has(key)) moves.set(key, { move: 'go' })
      else if (free <= 0) held(describeTurn(counted, maxConcurrency))
      else {
        moves.set(key, { move: 'go' })
        if (!lost(target)) free--
      }
    }
  }
  return moves
}

function describeTurn(counted: readonly (readonly [string, Delivery])[], maxConcurrency: number): string {
  const names = counted.map(([, { spec }]) => spec.target.cluster)
  const who = names.length === 0 ? '' : `: ${nameSome(names, 3)}`
  return `it waits for its turn, ${maxConcurrency} at a time${who}`
}
