import type { Application, ApplicationSpec, Delivery } from '@flotilla/model'
import { readRenderedFrom } from '@flotilla/reconcile'
import type { Revision } from '../../store/store.ts'
import { capabilityKey } from '../application/capabilities.ts'
import { originOf, sourceOf } from '../application/source-spec.ts'
import { pinKey, sourceKey, uploadKey } from '../application/source-store.ts'
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
