import type { Delivery, WantedSet } from '@flotilla/model'
import { renderedFromAnnotation } from '../application/desired-delivery.ts'

/** What a target is to have now, with all that is needed to give it that once more; undefined: nothing yet. */
export function wantedOf({ metadata, spec: { desired } }: Delivery): WantedSet | undefined {
  if (desired === undefined) return undefined
  const renderedFrom = metadata.annotations?.[renderedFromAnnotation]
  return {
    digest: desired.digest,
    components: desired.components,
    ...(renderedFrom === undefined ? {} : { renderedFrom }),
    ...(desired.release === undefined ? {} : { release: desired.release }),
  }
}
