import type { Delivery } from '@flotilla/model'

/** How the Delivery of a target takes what it is given. What it had at first it takes back, but for `refuses-all`. */
export type Behaviour = 'well' | 'refuses' | 'refuses-all' | 'fails-again' | 'ill'

type Status = NonNullable<Delivery['status']>

/** It has applied that nothing is to be there. */
export const isEmptied = ({ spec: { desired }, status }: Delivery): boolean =>
  desired?.components.length === 0 && status?.applied?.digest === desired.digest && status.attempt === undefined

/** One look of the Delivery controller, which a lost cluster does not get. It is done with new content in its second look. */
export function stepSimulatedDelivery(delivery: Delivery, chosen: Behaviour, now: string): Delivery {
  const { spec, status = {}, metadata } = delivery
  const { desired, syncRequest } = spec
  if (desired === undefined) return delivery
  const behaviour = desired.digest === 'v1' && chosen !== 'refuses-all' ? 'well' : chosen
  const { unknownSince: _seen, ...seen } = status
  const answered = { ...seen, observedGeneration: metadata.generation }
  const sync = syncRequest === undefined ? {} : { syncRequest }
  const health = (state: NonNullable<Status['health']>): Pick<Status, 'health' | 'healthSince'> => ({
    health: state,
    healthSince: status.health === state ? status.healthSince : now,
  })
  const { attempt, applied } = status
  const asked = syncRequest !== undefined && syncRequest !== (attempt ?? applied)?.syncRequest
  const isNew =
    attempt === undefined ? applied?.digest !== desired.digest || asked : attempt.digest !== desired.digest || asked
  if (isNew) {
    const begun = { digest: desired.digest, startedAt: now, hooksDone: [], failures: 0, ...sync }
    return { ...delivery, status: { ...answered, phase: 'Applying', attempt: begun, ...health('Progressing') } }
  }
  if (attempt !== undefined) {
    const failed = { ...attempt, failures: attempt.failures + 1 }
    if (behaviour === 'refuses' || behaviour === 'refuses-all') {
      const { retryAt: _retryAt, ...stopped } = failed
      return {
        ...delivery,
        status: { ...answered, phase: 'Failed', attempt: stopped, message: 'a hook failed', ...health('Degraded') },
      }
    }
    if (behaviour === 'fails-again') {
      const again = { ...failed, retryAt: now }
      return {
        ...delivery,
        status: { ...answered, phase: 'Failed', attempt: again, message: 'refused', ...health('Degraded') },
      }
    }
    const { attempt: _done, message: _message, ...rest } = answered
    const whole = { revision: desired.revision, digest: desired.digest, at: now, ...sync }
    const state = behaviour === 'ill' ? 'Degraded' : 'Healthy'
    return { ...delivery, status: { ...rest, phase: 'Settled', applied: whole, ...health(state) } }
  }
  return { ...delivery, status: { ...answered, ...health(behaviour === 'well' ? 'Healthy' : 'Degraded') } }
}
