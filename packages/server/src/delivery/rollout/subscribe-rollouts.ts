import { endedPhases, type Rollout } from '@flotilla/model'
import type { RolloutDeps } from './deps.ts'

/** A run that may still have something to do. */
export const isUnderWay = ({ metadata, status }: Rollout): boolean =>
  metadata.deletionTimestamp !== undefined || status?.phase === undefined || !endedPhases.includes(status.phase)

/** Which rollouts to look at when something changes. One too many costs a look, one too few is a fault. */
export function subscribeRollouts(
  { state, fleet }: Pick<RolloutDeps, 'state' | 'fleet'>,
  enqueue: (key: string) => void,
): () => void {
  const those = (namespace: string | undefined, matches: (rollout: Rollout) => boolean = () => true): void => {
    for (const rollout of state.rollouts.list(namespace))
      if (isUnderWay(rollout) && matches(rollout))
        enqueue(`${rollout.metadata.namespace ?? ''}/${rollout.metadata.name}`)
  }
  const split = (key: string): [string, string] => [key.slice(0, key.indexOf('/')), key.slice(key.indexOf('/') + 1)]
  const ends = [
    state.rollouts.onChange((key, rollout) => {
      enqueue(key)
      const [namespace] = split(key)
      // those that wait for it, or give way to it
      if (rollout === undefined) those(namespace)
      else those(namespace, ({ spec }) => spec.application === rollout.spec.application)
    }),
    state.deliveries.onChange((key, delivery) => {
      const [namespace, name] = split(key)
      const application = delivery?.spec.application.name ?? name.split('.')[0]
      those(namespace, ({ spec }) => spec.application === application)
    }),
    state.applications.onChange((key) => {
      const [namespace, name] = split(key)
      those(namespace, ({ spec }) => spec.application === name)
    }),
    state.releases.onChange((key) => {
      const [namespace, name] = split(key)
      those(namespace, ({ spec }) => spec.release === name)
    }),
    state.plans.onChange((key) => {
      const [namespace, name] = split(key)
      those(namespace, ({ spec, status }) => spec.plan === name && status?.snapshot === undefined)
    }),
    state.moves.onChange((key, move) => {
      const [namespace] = split(key)
      those(namespace, ({ spec }) => move === undefined || spec.application === move.spec.application)
    }),
    state.approvals.onChange((key) => those(split(key)[0])),
    // who may approve, and what their approvals count
    state.memberships.onChange(() => those(undefined)),
    state.users.onChange(() => those(undefined)),
    fleet.onChange(() => those(undefined)),
  ]
  return () => {
    for (const end of ends) end()
  }
}
