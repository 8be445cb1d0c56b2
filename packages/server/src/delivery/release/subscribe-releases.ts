import { type Release } from '@flotilla/model'
import type { HostState } from '../../fleet/host-state.ts'
import { finalPhases } from '@flotilla/reconcile'

type Watched = Pick<HostState, 'releases' | 'applications' | 'rollouts' | 'deliveries'>

/** Which releases to look at when something changes. */
export function subscribeReleases(state: Watched, enqueue: (key: string) => void): () => void {
  const open = (namespace: string, application: string | undefined, is = isOpen): void => {
    for (const release of state.releases.list(namespace))
      if ((application === undefined || release.spec.application === application) && is(release))
        enqueue(`${namespace}/${release.metadata.name}`)
  }
  // one that is over goes on with a run of its own only
  const startAnew = (namespace: string, name: string | undefined): void => {
    const release = name === undefined ? undefined : state.releases.get(namespace, name)
    if (release !== undefined && !isOpen(release)) enqueue(`${namespace}/${release.metadata.name}`)
  }
  const carried = new Map<string, string | undefined>()
  const ends = [
    state.releases.onChange((key, release) => {
      enqueue(key)
      // what a draft builds on may be another now
      if (release?.status?.phase === 'Active') open(spaceOf(key), release.spec.application, awaitsFreeze)
    }),
    state.applications.onChange((key) => open(spaceOf(key), key.slice(key.indexOf('/') + 1), awaitsFreeze)),
    state.rollouts.onChange((key, rollout) => {
      open(spaceOf(key), rollout?.spec.application)
      startAnew(spaceOf(key), rollout?.spec.release)
    }),
    state.deliveries.onChange((key, delivery) => {
      // its status changes all the time and decides nothing here
      const release = delivery?.spec.desired?.release
      if (carried.get(key) === release) return
      if (delivery === undefined) carried.delete(key)
      else carried.set(key, release)
      open(spaceOf(key), delivery?.spec.application.name)
      startAnew(spaceOf(key), release)
    }),
  ]
  return () => ends.forEach((end) => end())
}

const spaceOf = (key: string): string => key.slice(0, key.indexOf('/'))
const isOpen = ({ status }: Release): boolean => status?.phase === undefined || !finalPhases.includes(status.phase)
const awaitsFreeze = ({ spec, status }: Release): boolean => spec.freeze && status?.frozen === undefined
