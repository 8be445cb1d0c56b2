import type { KubeObject } from '@flotilla/model'
import { joinImage, overrideImage, parseImageOverride, splitImage, type ImageReference } from './image-reference.ts'

export interface ImageOverrideResult<T> {
  readonly objects: readonly T[]
  /** Names for which no image was found. */
  readonly unmatched: readonly string[]
  readonly changed: boolean
}

const containerFields = new Set(['containers', 'initContainers', 'ephemeralContainers'])
const deepest = 64

/**
 * Replaces images by their name, without tag and digest, wherever an object of any kind lists containers. The name must be the
 * rendered one in full, as in kustomize. Objects that do not change are given back as they are.
 */
export function applyImageOverrides<T extends KubeObject>(
  objects: readonly T[],
  images: Readonly<Record<string, string>>,
): ImageOverrideResult<T> {
  const wanted = new Map(
    Object.entries(images).map(([name, text]) => [name, parseImageOverride(text, `images[${JSON.stringify(name)}]`)]),
  )
  if (wanted.size === 0) return { objects, unmatched: [], changed: false }
  const matched = new Set<string>()
  const next = objects.map((object) => rewrite(object, wanted, matched, 0) as T)
  return {
    objects: next,
    unmatched: [...wanted.keys()].filter((name) => !matched.has(name)),
    changed: next.some((object, index) => object !== objects[index]),
  }
}

/** Copies only along the way to what changes. */
function rewrite(
  node: unknown,
  wanted: ReadonlyMap<string, ImageReference>,
  matched: Set<string>,
  depth: number,
): unknown {
  if (node === null || typeof node !== 'object' || depth > deepest) return node
  if (Array.isArray(node)) {
    const next = node.map((child) => rewrite(child, wanted, matched, depth + 1))
    return next.some((child, index) => child !== node[index]) ? next : node
  }
  let copy: Record<string, unknown> | undefined
  for (const [key, child] of Object.entries(node)) {
    const next =
      containerFields.has(key) && Array.isArray(child)
        ? rewriteContainers(child, wanted, matched)
        : rewrite(child, wanted, matched, depth + 1)
    if (next === child) continue
    copy ??= { ...node }
    copy[key] = next
  }
  return copy ?? node
}

function rewriteContainers(
  containers: readonly unknown[],
  wanted: ReadonlyMap<string, ImageReference>,
  matched: Set<string>,
): readonly unknown[] {
  let changed = false
  const next = containers.map((container) => {
    if (container === null || typeof container !== 'object') return container
    const image = (container as { image?: unknown }).image
    if (typeof image !== 'string') return container
    const current = splitImage(image)
    const override = wanted.get(current.name)
    if (override === undefined) return container
    matched.add(current.name)
    const text = joinImage(overrideImage(current, override))
    if (text === image) return container
    changed = true
    return { ...container, image: text }
  })
  return changed ? next : containers
}
