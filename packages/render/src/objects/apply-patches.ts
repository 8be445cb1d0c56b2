import { FlotillaError, type KubeObject, matchesTarget, type Patch, refOf, refText } from '@flotilla/model'
import { applyJsonPatch } from './json-patch.ts'

export interface PatchResult<T> {
  readonly objects: readonly T[]
  /** Indices of patches that found no object. */
  readonly unmatched: readonly number[]
  readonly changed: boolean
}

/** Applies each patch, in order, to every object that its target names. Errors: `render.failed` naming object and operation. */
export function applyPatches<T extends KubeObject>(objects: readonly T[], patches: readonly Patch[]): PatchResult<T> {
  const next = [...objects]
  const matched = new Set<number>()
  for (const [index, { target, operations }] of patches.entries()) {
    for (const [place, object] of next.entries()) {
      if (!matchesTarget(target, object)) continue
      matched.add(index)
      next[place] = patchOne(object, operations, index)
    }
  }
  return {
    objects: next,
    unmatched: [...patches.keys()].filter((index) => !matched.has(index)),
    changed: matched.size > 0,
  }
}

function patchOne<T extends KubeObject>(object: T, operations: Patch['operations'], index: number): T {
  const name = refText(refOf(object))
  let patched: T
  try {
    patched = applyJsonPatch(object, operations, `patches[${index}].operations`)
  } catch (thrown) {
    if (!(thrown instanceof FlotillaError)) throw thrown
    throw new FlotillaError(thrown.code, { message: `${name}: ${thrown.message}`, field: thrown.field })
  }
  if (!isObject(patched)) {
    throw new FlotillaError('render.failed', {
      message: `${name}: the patch leaves no object with apiVersion, kind and name`,
      field: `patches[${index}]`,
    })
  }
  return patched
}

function isObject(value: unknown): value is KubeObject {
  const object = value as Partial<KubeObject> | null
  const filled = (text: unknown): boolean => typeof text === 'string' && text !== ''
  const { name, generateName } = object?.metadata ?? {}
  return filled(object?.apiVersion) && filled(object?.kind) && (filled(name) || filled(generateName))
}
