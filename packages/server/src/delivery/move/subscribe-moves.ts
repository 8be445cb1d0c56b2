import { endedMovePhases, type Move } from '@flotilla/model'
import type { FleetConnections } from '../../fleet/connections.ts'
import type { HostState } from '../../fleet/host-state.ts'

/** Which moves to look at when something changes. What runs in members is looked at again and again meanwhile. */
export function subscribeMoves(
  { state, fleet }: { readonly state: HostState; readonly fleet: Pick<FleetConnections, 'onChange'> },
  enqueue: (key: string) => void,
): () => void {
  const unended = (namespace: string | undefined, where: (move: Move) => boolean): void => {
    for (const move of state.moves.list(namespace)) {
      const { phase } = move.status ?? {}
      if (phase !== undefined && endedMovePhases.includes(phase)) continue
      if (where(move)) enqueue(`${move.metadata.namespace ?? ''}/${move.metadata.name}`)
    }
  }
  const split = (key: string): [string, string] => {
    const [namespace = '', name = ''] = key.split('/')
    return [namespace, name]
  }
  const ends = [
    state.moves.onChange((key) => enqueue(key)),
    state.applications.onChange((key) => {
      const [namespace, name] = split(key)
      unended(namespace, ({ spec }) => spec.application === name)
    }),
    state.deliveries.onChange((key) => {
      const [namespace, delivery] = split(key)
      // the name of a Delivery begins with that of its application, which holds no dot
      unended(namespace, ({ spec }) => delivery.startsWith(`${spec.application}.`))
    }),
    fleet.onChange(() => unended(undefined, () => true)),
  ]
  return () => ends.forEach((end) => end())
}
