import { type KubeObject, parseApiVersion, type Patch } from '@flotilla/model'
import type { PatchLayer } from './layers.ts'

/** Whether a patch of an override is meant for this rendered object. A `*` in the name stands for anything. */
export function patchConcerns(target: Patch['target'], object: KubeObject): boolean {
  if (target.kind !== object.kind) return false
  if (target.group !== undefined && target.group !== parseApiVersion(object.apiVersion).group) return false
  return target.name === undefined || matchesName(target.name, object.metadata.name)
}

/** Names a patch of an override: `<override>#<place in its list>`. */
export const patchId = (patch: Pick<PatchLayer, 'override' | 'index'>): string => `${patch.override}#${patch.index}`

/**
 * Which patches find something to change among what was rendered for one component. A patch may be meant for another
 * component of the application, so only all components of a target together tell that it finds nothing.
 */
export function findMatchedPatches(patches: readonly PatchLayer[], objects: readonly KubeObject[]): string[] {
  return patches.filter(({ patch }) => objects.some((object) => patchConcerns(patch.target, object))).map(patchId)
}

function matchesName(pattern: string, name: string): boolean {
  const parts = pattern.split('*')
  if (parts.length === 1) return pattern === name
  const [first = '', ...rest] = parts
  const last = rest.pop() ?? ''
  if (!name.startsWith(first)) return false
  let at = first.length
  for (const part of rest) {
    const found = name.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return name.length - last.length >= at && name.endsWith(last)
}
