import type { Known, Rollout } from '@flotilla/model'
import type { Closing } from './ended.ts'

/** Whether a run takes all of another back, not a stage or some targets of it. */
export const takesBack = ({ spec: { rollback, targets } }: Rollout, of: string): boolean =>
  rollback?.of === of && rollback.stages === undefined && targets === undefined

/**
 * A run that is taken back as a whole is over, also where the rollback has nothing to write: in targets that have what is
 * wanted already its steps would go on.
 */
export function computeTakenBack({ metadata }: Rollout, others: Known<readonly Rollout[]>): Closing | undefined {
  if (!others.known) return undefined
  const taker = others.value.find(
    (other) =>
      takesBack(other, metadata.name) && (other.status?.claim !== undefined || other.status?.snapshot !== undefined),
  )
  if (taker === undefined) return undefined
  return { reason: 'Replaced', message: `The rollout ${taker.metadata.name} takes it back.` }
}
