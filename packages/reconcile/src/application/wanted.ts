import { type ApplicationSpec, type Component, type DesiredComponent, type Finding, type Target } from '@flotilla/model'
import { canonicalDigest } from '../canonical-digest.ts'
import { computeLayers, mergeImages } from '../layers.ts'
import { patchId } from '../patch-targets.ts'
import { type ApplicationObserved, renderKey, type RenderedComponent, type RenderInputs } from './observed.ts'

/** What an application comes to in one target, or why that is not known. */
export type Wanted =
  | {
      readonly state: 'wanted'
      readonly digest: string
      readonly components: readonly DesiredComponent[]
      /** By component. */
      readonly inputs: Readonly<Record<string, RenderInputs>>
      readonly findings: readonly Finding[]
    }
  /** Renders are still to be made; everything they need is there. */
  | { readonly state: 'pending' }
  | { readonly state: 'waiting'; readonly reason: string }
  | { readonly state: 'failed'; readonly findings: readonly Finding[] }

export function computeWanted(
  spec: ApplicationSpec,
  target: Target,
  targets: readonly Target[],
  rendered: ApplicationObserved['rendered'],
): Wanted {
  const done: { component: Component; result: RenderedComponent }[] = []
  const failed: Finding[] = []
  let pending = false
  let reason: string | undefined
  for (const component of spec.components) {
    const observation = rendered[renderKey(target, component.name)]
    if (observation === undefined || observation.state === 'needed') pending = true
    else if (observation.state === 'waiting') reason ??= observation.reason
    else if (observation.state === 'failed') {
      const { failure } = observation
      failed.push({
        severity: 'Error',
        code: failure.code,
        message: failure.message,
        component: component.name,
        cluster: target.cluster,
        ...(failure.field === undefined ? {} : { field: failure.field }),
      })
    } else done.push({ component, result: observation.rendered })
  }
  if (failed.length > 0) return { state: 'failed', findings: failed }
  if (reason !== undefined) return { state: 'waiting', reason }
  if (pending) return { state: 'pending' }

  const unmatched = findUnmatched(spec, target, targets, done)
  const stopping = unmatched.filter(({ severity }) => severity === 'Error')
  if (stopping.length > 0) return { state: 'failed', findings: stopping }
  const components = done.map(({ component, result }) => desiredComponent(spec, component, target, targets, result))
  return {
    state: 'wanted',
    digest: computeDesiredDigest(components),
    components,
    inputs: Object.fromEntries(done.map(({ component, result }) => [component.name, result.inputs])),
    findings: [
      ...unmatched,
      ...findImages(spec, target, targets, done),
      ...done.flatMap(({ component, result }) =>
        result.findings
          .filter(({ code }) => code !== imageUnmatched)
          .map((finding) => Object.assign({}, finding, { component: component.name, cluster: target.cluster })),
      ),
    ],
  }
}

/** Over what makes a difference in the target. The order of components makes none. */
export function computeDesiredDigest(components: readonly DesiredComponent[]): string {
  return canonicalDigest(
    components
      .map(({ name, digest, releaseName, leaveTo }) => ({ name, digest, releaseName, leaveTo }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  )
}

function desiredComponent(
  spec: ApplicationSpec,
  component: Component,
  target: Target,
  targets: readonly Target[],
  result: RenderedComponent,
): DesiredComponent {
  const { ownOverrides } = computeLayers({ spec, component, target, targets, valuesFrom: [] })
  return {
    name: component.name,
    digest: result.digest,
    ...(result.version === undefined ? {} : { version: result.version }),
    ...(result.appVersion === undefined ? {} : { appVersion: result.appVersion }),
    images: result.images.slice(0, 50),
    ...(component.helm === undefined ? {} : { releaseName: component.helm.releaseName ?? component.name }),
    ownOverrides,
    ...(component.leaveTo === undefined ? {} : { leaveTo: component.leaveTo }),
    hookTimeoutSeconds: component.hookTimeoutSeconds,
  }
}

const imageUnmatched = 'image.unmatched'

/** An image may be meant for one component and be said of all: only when none of these uses it, it is a finding. */
function findImages(
  spec: ApplicationSpec,
  target: Target,
  targets: readonly Target[],
  done: readonly { component: Component; result: RenderedComponent }[],
): Finding[] {
  const used = new Set<string>()
  const unused = new Map<string, Finding>()
  for (const { component, result } of done) {
    const missing = new Map(
      result.findings.filter(({ code }) => code === imageUnmatched).map((finding) => [finding.field ?? '', finding]),
    )
    for (const name of Object.keys(mergeImages(computeLayers({ spec, component, target, targets, valuesFrom: [] })))) {
      const finding = missing.get(`images[${JSON.stringify(name)}]`)
      if (finding === undefined) used.add(name)
      else unused.set(name, { ...finding, cluster: target.cluster })
    }
  }
  return [...unused].flatMap(([name, finding]) => (used.has(name) ? [] : [finding]))
}

function findUnmatched(
  spec: ApplicationSpec,
  target: Target,
  targets: readonly Target[],
  done: readonly { component: Component; result: RenderedComponent }[],
): Finding[] {
  const found = new Set<string>()
  const asked = new Map<string, Finding>()
  for (const { component, result } of done) {
    for (const id of result.matchedPatches) found.add(id)
    for (const layer of computeLayers({ spec, component, target, targets, valuesFrom: [] }).patches) {
      const { kind, name } = layer.patch.target
      asked.set(patchId(layer), {
        severity: layer.required ? 'Error' : 'Warning',
        code: 'delivery.override_unmatched',
        message: `Patch ${layer.index + 1} of override ${layer.override} finds no ${kind}${name === undefined ? '' : ` ${name}`} in ${target.cluster}`,
        cluster: target.cluster,
      })
    }
  }
  return [...asked].flatMap(([id, finding]) => (found.has(id) ? [] : [finding]))
}
