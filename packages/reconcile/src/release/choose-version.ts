import type { Component } from '@flotilla/model'

const uploadDigest = /^sha256:[0-9a-f]{64}$/

/** A component with another definition of the same place, or why it cannot have that one. */
export type Chosen =
  | { readonly ok: true; readonly component: Component }
  | { readonly ok: false; readonly reason: string }

/** Puts the chosen version in the place of chart version, Git reference or upload digest. */
export function chooseVersion(component: Component, version: string): Chosen {
  const { helm, kustomize, manifests } = component
  const source = helm?.chart ?? kustomize ?? manifests ?? {}
  const chosen = withVersion(source, version)
  if (typeof chosen === 'string') return { ok: false, reason: chosen }
  if (helm !== undefined) return { ok: true, component: { ...component, helm: { ...helm, chart: chosen } } }
  if (kustomize !== undefined) return { ok: true, component: { ...component, kustomize: chosen } }
  return { ok: true, component: { ...component, manifests: chosen } }
}

type Source = NonNullable<Component['helm']>['chart'] & NonNullable<Component['manifests']>

function withVersion({ oci, repository, git, upload, inline }: Source, version: string): Source | string {
  if (inline !== undefined) return 'its manifests stand in the application itself, so there is no other version of them'
  if (git !== undefined) return version.startsWith('-') ? 'that is no Git reference' : { git: { ...git, ref: version } }
  if (oci !== undefined) return { oci: { ...oci, version } }
  if (repository !== undefined) return { repository: { ...repository, version } }
  if (!uploadDigest.test(version)) return 'an upload is chosen by its digest, sha256:<64 hex digits>'
  return { upload: { ...upload, digest: version } }
}

/** Where a component comes from as it is declared; an edit of it wins over what a release chose before. */
export const sourceOfComponent = ({ helm, kustomize, manifests }: Component) => ({
  chart: helm?.chart,
  kustomize,
  manifests,
})
