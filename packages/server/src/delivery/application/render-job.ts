import { type Component, type Delivery, type ResolvedSource, type Target, canonicalJson } from '@flotilla/model'
import {
  type ComponentLayers,
  computeLayers,
  mergeImages,
  mergeLayers,
  readRenderedFrom,
  type RenderInputs,
  type ValueMap,
} from '@flotilla/reconcile'
import { keyedDigest } from '@flotilla/render'
import type { KnownCapabilities } from './capabilities.ts'
import { kindOf, type SourceKind, sourceOf } from './source-spec.ts'
import type { SecretValues } from './values-from.ts'

/** Changes when what is stored for the same inputs changes. */
const format = 1

/** Everything that one render needs, and the key that covers it. */
export interface RenderJob {
  readonly key: string
  readonly component: Component
  readonly target: Target
  readonly projectUid: string
  readonly source: ResolvedSource
  readonly kind: SourceKind
  readonly releaseName: string
  readonly layers: ComponentLayers
  readonly values: ValueMap
  readonly images: Readonly<Record<string, string>>
  readonly secrets: readonly string[]
  readonly capabilities: KnownCapabilities
  readonly inputs: RenderInputs
  /** Digest that is wanted now and was rendered from these very inputs: a chart that draws lots does not draw again. */
  readonly settledDigest: string | undefined
  /** That was for other capabilities of the cluster: a definition was installed since, perhaps by the chart itself. */
  readonly capabilitiesChanged: boolean
}

export interface RenderJobQuestion {
  readonly spec: Parameters<typeof computeLayers>[0]['spec']
  readonly component: Component
  readonly target: Target
  readonly targets: readonly Target[]
  readonly projectUid: string
  readonly source: ResolvedSource
  readonly secretValues: SecretValues
  readonly capabilities: KnownCapabilities
  readonly delivery: Delivery | undefined
  readonly digestKey: Uint8Array
}

export function prepareRender(question: RenderJobQuestion): RenderJob {
  const { spec, component, target, targets, source, secretValues, capabilities, delivery, digestKey } = question
  const layers = computeLayers({ spec, component, target, targets, valuesFrom: secretValues.values })
  const values = mergeLayers(layers)
  const images = mergeImages(layers)
  const releaseName = component.helm?.releaseName ?? component.name
  const kind = kindOf(component)
  const inputs = digestOf(digestKey, {
    format,
    component: component.name,
    source: source.digest,
    kind,
    path: pathOf(component),
    releaseName,
    namespace: target.namespace,
    values,
    images,
    patches: layers.patches.map(({ patch }) => patch),
  })
  const before = readRenderedFrom(delivery)[component.name]
  const wanted = delivery?.spec.desired?.components.find(({ name }) => name === component.name)
  const settled = before?.inputs === inputs ? before : undefined
  const identity = settled ?? nextRelease(delivery, component.name)
  const whole: RenderInputs = {
    inputs,
    capabilities: capabilities.digest,
    upgrade: identity.upgrade,
    revision: identity.revision,
  }
  return {
    key: digestOf(digestKey, whole),
    component,
    target,
    projectUid: question.projectUid,
    source,
    kind,
    releaseName,
    layers,
    values,
    images,
    secrets: secretValues.secrets,
    capabilities,
    inputs: whole,
    settledDigest: settled === undefined ? undefined : wanted?.digest,
    capabilitiesChanged: settled !== undefined && settled.capabilities !== capabilities.digest,
  }
}

/**
 * What Helm is told of the release: an upgrade once the component was applied whole. It stays with what was rendered
 * until an input changes; otherwise an applied install would at once be rendered anew, as an upgrade.
 */
function nextRelease(delivery: Delivery | undefined, component: string): { upgrade: boolean; revision: number } {
  const status = delivery?.status?.components?.find(({ name }) => name === component)
  const revision = status?.helmRevision ?? 0
  return { upgrade: revision > 0, revision: revision + 1 }
}

function pathOf(component: Component): string | undefined {
  const { helm, kustomize, manifests } = sourceOf(component)
  return (helm?.chart.git ?? kustomize?.git ?? manifests?.git)?.path
}

/** Keyed: from a plain digest over values somebody could guess the secret ones. */
const digestOf = (key: Uint8Array, value: unknown): string => keyedDigest(key, canonicalJson(value))
