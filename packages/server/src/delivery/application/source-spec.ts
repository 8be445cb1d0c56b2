import type { Component } from '@flotilla/model'
import type { SourceSpec } from '@flotilla/render'

/** What a component comes from, without what is laid over it. */
export type ComponentSource = Pick<Component, 'helm' | 'kustomize' | 'manifests' | 'credentialName'>

export const sourceOf = ({ helm, kustomize, manifests, credentialName }: Component): ComponentSource => ({
  ...(helm === undefined ? {} : { helm: { chart: helm.chart } }),
  ...(kustomize === undefined ? {} : { kustomize }),
  ...(manifests === undefined ? {} : { manifests }),
  ...(credentialName === undefined ? {} : { credentialName }),
})

export type SourceKind = 'helm' | 'kustomize' | 'manifests'

/** What reads the source. */
export const kindOf = ({ helm, kustomize }: ComponentSource): SourceKind =>
  helm !== undefined ? 'helm' : kustomize !== undefined ? 'kustomize' : 'manifests'

/** The source as the renderer wants it. */
export function toRenderSource({ helm, kustomize, manifests }: ComponentSource): SourceSpec {
  if (helm !== undefined) return { helm: { chart: helm.chart } }
  if (kustomize !== undefined) return { kustomize }
  return { manifests: manifests ?? {} }
}

/** The one place that a source names. */
export type Origin =
  | { readonly kind: 'oci'; readonly url: string; readonly version: string }
  | { readonly kind: 'repository'; readonly url: string; readonly version: string }
  | { readonly kind: 'git'; readonly url: string; readonly ref: string }
  | { readonly kind: 'upload'; readonly digest: string }
  | { readonly kind: 'inline' }

export function originOf({ helm, kustomize, manifests }: ComponentSource): Origin {
  const chart = helm?.chart
  if (chart?.oci !== undefined) return { kind: 'oci', url: chart.oci.url, version: chart.oci.version }
  if (chart?.repository !== undefined)
    return { kind: 'repository', url: chart.repository.url, version: chart.repository.version }
  const git = chart?.git ?? kustomize?.git ?? manifests?.git
  if (git !== undefined) return { kind: 'git', url: git.url, ref: git.ref }
  const upload = chart?.upload ?? kustomize?.upload ?? manifests?.upload
  return upload === undefined ? { kind: 'inline' } : { kind: 'upload', digest: upload.digest }
}

const exactVersion = /^v?\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/
const commit = /^[0-9a-f]{40}$/

/** Whether the same words may mean something else tomorrow: a tag, a branch, a range. */
export function isMoving(origin: Origin): boolean {
  switch (origin.kind) {
    case 'oci':
      return !origin.version.startsWith('sha256:')
    case 'repository':
      return !exactVersion.test(origin.version)
    case 'git':
      return !commit.test(origin.ref)
    case 'upload':
    case 'inline':
      return false
    default:
      return origin satisfies never
  }
}

/** `host` or `host:port` that the source is fetched from; undefined when nothing is fetched. */
export function hostOf(origin: Origin): string | undefined {
  if (origin.kind === 'upload' || origin.kind === 'inline') return undefined
  // git@host:path, as ssh has it: the renderer refuses it and says why
  const scp = /^[^/@\s]+@([^:/\s]+):/.exec(origin.url)
  if (scp?.[1] !== undefined) return scp[1].toLowerCase()
  try {
    return new URL(origin.url).host.toLowerCase()
  } catch {
    return undefined
  }
}

/** What names exactly this definition of a component's source; undefined where it stands in the application itself. */
export function pinnedVersion(
  component: ComponentSource,
  pinned: string | undefined,
  version: string | undefined,
): string | undefined {
  const origin = originOf(component)
  switch (origin.kind) {
    case 'inline':
      return undefined
    case 'upload':
      return origin.digest
    case 'repository':
      return isMoving(origin) ? version : origin.version
    case 'oci':
      return isMoving(origin) ? exactPin(pinned) : origin.version
    case 'git':
      return isMoving(origin) ? exactPin(pinned) : origin.ref
    default:
      return origin satisfies never
  }
}

const exactPin = (pinned: string | undefined): string | undefined =>
  /@(sha256:[0-9a-f]{64}|[0-9a-f]{40})$/.exec(pinned ?? '')?.[1]

/** A component that wants exactly what its source was resolved to. */
export function pinComponent(component: Component, pinned: string | undefined, version: string | undefined): Component {
  const origin = originOf(component)
  if (!isMoving(origin)) return component
  if (origin.kind === 'repository' && version !== undefined)
    return editSource(component, (source) => ({ ...source, version }))
  const found = exactPin(pinned)
  if (found === undefined) return component
  if (origin.kind === 'oci') return editSource(component, (source) => ({ ...source, version: found }))
  if (origin.kind === 'git') return editSource(component, (source) => ({ ...source, ref: found }))
  return component
}

type Fields = Record<string, unknown>

/** Changes the fields of a component's source, whichever it is. */
function editSource(component: Component, edit: (source: Fields) => Fields): Component {
  const inside = (choice: Fields): Fields =>
    Object.fromEntries(
      Object.entries(choice).map(([name, source]) =>
        typeof source === 'object' && source !== null ? [name, edit({ ...source })] : [name, source],
      ),
    )
  // the edit changes a version or a ref, both of which are text
  if (component.helm !== undefined)
    return { ...component, helm: { ...component.helm, chart: inside(component.helm.chart) } }
  if (component.kustomize !== undefined) return { ...component, kustomize: inside(component.kustomize) }
  if (component.manifests !== undefined) return { ...component, manifests: inside(component.manifests) }
  return component
}
