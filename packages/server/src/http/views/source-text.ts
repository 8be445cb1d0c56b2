import type { Component } from '@flotilla/model'

/** Where a component comes from, as a person would say it. */
export function sourceText({ helm, kustomize, manifests }: Component): string {
  if (helm?.chart.oci !== undefined) return `${helm.chart.oci.url}:${helm.chart.oci.version}`
  if (helm?.chart.repository !== undefined) {
    const { name, version, url } = helm.chart.repository
    return `${name} ${version} from ${url}`
  }
  const folder = helm?.chart ?? kustomize ?? manifests
  if (folder?.git !== undefined) {
    const { url, ref, path } = folder.git
    return `${url}@${ref}${path === undefined ? '' : ` ${path}`}`
  }
  if (folder?.upload !== undefined) {
    const { name, digest } = folder.upload
    return name ?? `upload ${digest.slice('sha256:'.length, 'sha256:'.length + 12)}`
  }
  return 'inline'
}

export function componentType(component: Component): 'helm' | 'kustomize' | 'manifests' {
  if (component.helm !== undefined) return 'helm'
  return component.kustomize === undefined ? 'manifests' : 'kustomize'
}
