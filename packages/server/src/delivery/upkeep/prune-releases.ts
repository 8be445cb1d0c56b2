import type { KubeClient } from '@flotilla/kube'
import { findOutdated } from '@flotilla/reconcile'
import type { HostState } from '../../fleet/host-state.ts'
import { deleteOne, type Identified } from '../release/remove-releases.ts'

export interface PruneReleasesDeps {
  readonly state: Pick<
    HostState,
    'applications' | 'deliveries' | 'releases' | 'rollouts' | 'approvals' | 'componentVersions'
  >
  readonly host: KubeClient
  readonly now: () => number
  readonly signal: AbortSignal
}

/** Objects that go in one pass; what is left then is for the next one. */
const mostDeleted = 200
/** A version is written before the release that names it. */
const youngMs = 24 * 3_600_000

/**
 * One pass: releases that are over and beyond what their application keeps go, with their runs, approvals and versions. Gives how
 * many objects went. Nothing goes while something cannot be read, since it may name anything. What ran when stays in the history.
 */
export async function pruneReleases({ state, host, now, signal }: PruneReleasesDeps): Promise<number> {
  const all = [state.applications, state.deliveries, state.releases, state.rollouts]
  if (all.some(({ unreadable }) => unreadable.size > 0)) return 0
  let gone = 0
  const remove = async (kind: string, objects: readonly Identified[]): Promise<void> => {
    for (const object of objects) {
      if (gone >= mostDeleted || object.metadata.deletionTimestamp !== undefined) continue
      signal.throwIfAborted()
      await deleteOne(host, kind, object, signal)
      gone++
    }
  }
  for (const { metadata, spec } of state.applications.list()) {
    if (gone >= mostDeleted) break
    const { namespace = '', name } = metadata
    const own = <T extends { readonly spec: { readonly application: string } }>(objects: readonly T[]): T[] =>
      objects.filter((object) => object.spec.application === name)
    const releases = own(state.releases.list(namespace))
    const outdated = findOutdated({
      spec,
      releases,
      rollouts: own(state.rollouts.list(namespace)),
      deliveries: state.deliveries.list(namespace).filter((delivery) => delivery.spec.application.name === name),
    })
    const names = new Set(outdated.releases.map((release) => release.metadata.name))
    // the release goes last: it says what belongs to it
    await remove('Rollout', outdated.rollouts)
    await remove(
      'Approval',
      state.approvals.list(namespace).filter((approval) => names.has(approval.spec.release)),
    )
    await remove('Release', outdated.releases)
    const named = new Set(
      releases
        .filter((release) => !names.has(release.metadata.name))
        .flatMap(({ status }) => status?.frozen?.componentVersions ?? []),
    )
    const versions = own(state.componentVersions.list(namespace)).filter(
      (one) => !named.has(one.metadata.name) && Date.parse(one.metadata.creationTimestamp ?? '') < now() - youngMs,
    )
    await remove('ComponentVersion', versions)
  }
  return gone
}
