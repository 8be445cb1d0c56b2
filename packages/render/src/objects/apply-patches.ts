import { FlotillaError, type KubeObject, parseApiVersion, type Patch, refOf, refText } from '@flotilla/model'
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

/** A `*` in the name stands for any text, an empty one included. */
export function matchesTarget(target: Patch['target'], object: KubeObject): boolean {
  if (target.kind !== object.kind) return false
  if (target.group !== undefined && target.group !== parseApiVersion(object.apiVersion).group) return false
  return target.name === undefined || matchesGlob(target.name, object.metadata.name)
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
  return filled(object?.apiVersion) && filled(object?.kind) && filled(object?.metadata?.name)
}

function matchesGlob(pattern: string, text: string): boolean {
  const parts = pattern.split('*')
  const first = parts[0] ?? ''
  if (parts.length === 1) return text === first
  const last = parts.at(-1) ?? ''
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
  let at = first.length
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at)
    if (found < 0 || found + part.length > text.length - last.length) return false
    at = found + part.length
  }
  return true
}
