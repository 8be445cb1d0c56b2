import { type KubeObject, matchesTarget } from '@flotilla/model'
import type { PatchLayer } from './layers.ts'

/** Names a patch of an override: `<override>#<place in its list>`. */
export const patchId = (patch: Pick<PatchLayer, 'override' | 'index'>): string => `${patch.override}#${patch.index}`

/**
 * Which patches find something to change among what was rendered for one component. A patch may be meant for another
 * component of the application, so only all components of a target together tell that it finds nothing.
 */
export function findMatchedPatches(patches: readonly PatchLayer[], objects: readonly KubeObject[]): string[] {
  return patches.filter(({ patch }) => objects.some((object) => matchesTarget(patch.target, object))).map(patchId)
}
