import type {
  Application,
  ApplicationSpec,
  Delivery,
  FrozenDocument,
  Release,
  Rollout,
  RolloutDocument,
  WantedSet,
} from '@flotilla/model'
import { parseRenderedFrom, readRenderedFrom } from '@flotilla/reconcile'
import type { Revision } from '../../store/store.ts'
import { capabilityKey } from '../application/capabilities.ts'
import { originOf, sourceOf } from '../application/source-spec.ts'
import { pinKey, sourceKey, uploadKey } from '../application/source-store.ts'
import { releaseKey, rolloutKey } from '../release/frozen-documents.ts'
import { setKey } from '../stored-sets.ts'

/** Digests of the sets that a Delivery is to have, or has: the latter are needed to take it away again. */
export function setsOfDelivery({ spec, status }: Delivery): string[] {
  const wanted = (spec.desired?.components ?? []).map(({ digest }) => digest)
  const applied = (status?.components ?? []).flatMap(({ digest }) => digest ?? [])
  return [...wanted, ...applied]
}

/** Keys of the blobs that a Delivery needs. */
export function blobsOfDelivery(delivery: Delivery): string[] {
  const capabilities = Object.values(readRenderedFrom(delivery)).map((inputs) => capabilityKey(inputs.capabilities))
  return [...setsOfDelivery(delivery).map(setKey), ...capabilities]
}

/** Keys of the blobs that an application needs to be rendered as it is declared. */
export const blobsOfApplication = ({ spec, status }: Application): string[] => blobsOf(spec, status?.sources ?? [])

/** Keys of the blobs without which one could not go back to a revision. */
export const blobsOfRevision = ({ spec, sources }: Revision): string[] => blobsOf(spec, sources)

/** Keys of the documents that releases and rollouts go by. */
export const documentsOfReleases = (releases: readonly Release[]): string[] =>
  releases.flatMap(({ status }) => status?.frozen?.document ?? [])
export const documentsOfRollouts = (rollouts: readonly Rollout[]): string[] =>
  rollouts.flatMap(({ status }) => status?.snapshot?.document ?? [])

/** Keys of the blobs that a frozen release needs, its document included. */
export function blobsOfRelease(digest: string, { targets, spec, sources }: FrozenDocument): NeededBlobs {
  const sets = targets.flatMap((target) => [target, ...(target.baseline === undefined ? [] : [target.baseline])])
  return needed([releaseKey(digest), ...blobsOf(spec, sources)], sets)
}

/** Keys of the blobs that a rollout needs, also to go back to what was before it. */
export function blobsOfRollout(digest: string, { targets, spec }: RolloutDocument): NeededBlobs {
  const sets = targets.flatMap(({ want, before }) => [want, before].filter((set) => set !== undefined))
  return needed([rolloutKey(digest), ...blobsOf(spec, [])], sets)
}

export interface NeededBlobs {
  readonly keys: readonly string[]
  /** Digests of rendered sets. */
  readonly sets: readonly string[]
}

function needed(others: readonly string[], wanted: readonly WantedSet[]): NeededBlobs {
  const sets = [...new Set(wanted.flatMap(({ components }) => components.map(({ digest }) => digest)))]
  const capabilities = new Set(
    wanted.flatMap(({ renderedFrom }) =>
      Object.values(parseRenderedFrom(renderedFrom)).map((inputs) => inputs.capabilities),
    ),
  )
  return { keys: [...others, ...sets.map(setKey), ...[...capabilities].map(capabilityKey)], sets }
}

function blobsOf(spec: ApplicationSpec, sources: Revision['sources']): string[] {
  const declared = spec.components.flatMap((component) => {
    const origin = originOf(component)
    return [pinKey(sourceOf(component)), ...(origin.kind === 'upload' ? [uploadKey(origin.digest)] : [])]
  })
  const kinds = ['helm', 'kustomize', 'manifests']
  return [...declared, ...sources.flatMap(({ digest }) => kinds.map((kind) => sourceKey(kind, digest)))]
}

/** Revisions that a target still has, or is to have. */
export const revisionsOfDelivery = ({ spec, status }: Delivery): number[] => [
  ...(spec.desired === undefined ? [] : [spec.desired.revision]),
  ...(status?.applied === undefined ? [] : [status.applied.revision]),
]
