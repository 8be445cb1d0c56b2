import {
  type ApplicationSpec,
  choosesCluster,
  type Component,
  type Finding,
  type Override,
  type Patch,
  type Target,
} from '@flotilla/model'
import { mergeAll, type ValueMap } from './merge-values.ts'

/** Where a value can come from, lowest first. Chart defaults lie below all of these and are Helm's to merge. */
export type LayerOrigin =
  | { readonly kind: 'valuesFrom'; readonly secretName: string; readonly key: string }
  | { readonly kind: 'component' }
  | { readonly kind: 'override'; readonly override: string }

export interface ValueLayer {
  readonly origin: LayerOrigin
  readonly values: ValueMap
}

export interface ImageLayer {
  readonly origin: LayerOrigin
  readonly images: Readonly<Record<string, string>>
}

export interface PatchLayer {
  readonly override: string
  readonly required: boolean
  /** Place in the override's list, from 0. */
  readonly index: number
  readonly patch: Patch
}

/** Everything that an application says of one component in one target, in the order in which it counts. */
export interface ComponentLayers {
  readonly values: readonly ValueLayer[]
  readonly images: readonly ImageLayer[]
  /** Applied to what was rendered, one after the other. */
  readonly patches: readonly PatchLayer[]
  /** How many overrides hold here and not in every target of the application. */
  readonly ownOverrides: number
}

export interface LayerQuestion {
  readonly spec: ApplicationSpec
  readonly component: Component
  readonly target: Target
  /** All targets of the application. */
  readonly targets: readonly Target[]
  /** What the Secrets of `valuesFrom` hold, in that order; left out where an optional one does not exist. */
  readonly valuesFrom: readonly (ValueMap | undefined)[]
}

/** The one total order: valuesFrom as listed, then the component's own values, then the overrides as listed. */
export function computeLayers({ spec, component, target, targets, valuesFrom }: LayerQuestion): ComponentLayers {
  const values: ValueLayer[] = []
  const images: ImageLayer[] = []
  const patches: PatchLayer[] = []
  for (const [index, from] of (component.valuesFrom ?? []).entries()) {
    const found = valuesFrom[index]
    if (found === undefined) continue
    values.push({ origin: { kind: 'valuesFrom', secretName: from.secretName, key: from.key }, values: found })
  }
  if (component.values !== undefined) values.push({ origin: { kind: 'component' }, values: component.values })
  if (component.images !== undefined) images.push({ origin: { kind: 'component' }, images: component.images })
  let ownOverrides = 0
  for (const override of spec.overrides ?? []) {
    if (!concerns(override, component) || !holdsIn(override, target)) continue
    const origin: LayerOrigin = { kind: 'override', override: override.name }
    if (override.values !== undefined) values.push({ origin, values: override.values })
    if (override.images !== undefined) images.push({ origin, images: override.images })
    for (const [index, patch] of (override.patches ?? []).entries())
      patches.push({ override: override.name, required: override.required, index, patch })
    if (!targets.every((other) => holdsIn(override, other))) ownOverrides++
  }
  return { values, images, patches, ownOverrides }
}

/** The values that Helm is given: all layers merged, above the chart's defaults. */
export const mergeLayers = (layers: ComponentLayers): Record<string, unknown> =>
  mergeAll(layers.values.map(({ values }) => values))

/** The images to use, by name as rendered; a later layer wins name by name. */
export function mergeImages(layers: ComponentLayers): Record<string, string> {
  const images = new Map<string, string>()
  for (const layer of layers.images) for (const [name, use] of Object.entries(layer.images)) images.set(name, use)
  return Object.fromEntries(images)
}

export const describeOrigin = (origin: LayerOrigin): string => {
  switch (origin.kind) {
    case 'valuesFrom':
      return `Secret ${origin.secretName}/${origin.key}`
    case 'component':
      return 'application'
    case 'override':
      return `override ${origin.override}`
    default:
      return origin satisfies never
  }
}

/** Overrides that change nothing because nothing is there to change. A required one among them stops the delivery. */
export function findUnmatchedOverrides(
  spec: ApplicationSpec,
  targets: readonly Target[],
): { finding: Finding; required: boolean }[] {
  const unmatched: { finding: Finding; required: boolean }[] = []
  for (const [index, override] of (spec.overrides ?? []).entries()) {
    const component = spec.components.some((candidate) => concerns(override, candidate))
    const target = targets.some((candidate) => holdsIn(override, candidate))
    if (component && target) continue
    const why = component ? 'matches no target of the application' : `names no component (${override.component})`
    unmatched.push({
      required: override.required,
      finding: {
        severity: override.required ? 'Error' : 'Warning',
        code: 'delivery.override_unmatched',
        message: `Override ${override.name} ${why}`,
        field: `spec.overrides[${index}].${component ? 'clusters' : 'component'}`,
      },
    })
  }
  return unmatched
}

const concerns = (override: Override, component: Component): boolean =>
  override.component === undefined || override.component === component.name

const holdsIn = (override: Override, target: Target): boolean =>
  choosesCluster(override.clusters, { name: target.cluster, labels: target.labels })
