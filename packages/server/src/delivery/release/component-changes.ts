import type { ReleaseDetail } from '@flotilla/api'
import type { WantedSet } from '@flotilla/model'
import { splitImage } from '@flotilla/render/image-reference'

type ComponentChange = ReleaseDetail['components'][number]

/** What stands in for several different values. */
const several = (values: ReadonlySet<string>): string | undefined =>
  values.size === 0 ? undefined : [...values].sort().slice(0, 3).join(', ') + (values.size > 3 ? ' …' : '')

interface Gathered {
  readonly before: Set<string>
  readonly after: Set<string>
  readonly images: Map<string, { before: Set<string>; after: Set<string> }>
}

/** Definition and artifacts of each component over all targets, before and after: what people look at first. */
export function computeComponentChanges(
  pairs: readonly { readonly before?: WantedSet | undefined; readonly after?: WantedSet | undefined }[],
): ComponentChange[] {
  const found = new Map<string, Gathered>()
  for (const pair of pairs)
    for (const side of ['before', 'after'] as const)
      for (const { name, version, images } of pair[side]?.components ?? []) {
        const gathered = found.get(name) ?? { before: new Set(), after: new Set(), images: new Map() }
        found.set(name, gathered)
        if (version !== undefined) gathered[side].add(version)
        for (const image of images ?? []) {
          const { name: repository } = splitImage(image)
          const both = gathered.images.get(repository) ?? { before: new Set(), after: new Set() }
          both[side].add(image)
          gathered.images.set(repository, both)
        }
      }
  return [...found].map(([component, { before, after, images }]) => ({
    component,
    definition: { before: several(before), after: several(after) },
    images: [...images]
      .map(([image, both]) => ({ image, before: several(both.before), after: several(both.after) }))
      .filter((one) => one.before !== one.after),
  }))
}
