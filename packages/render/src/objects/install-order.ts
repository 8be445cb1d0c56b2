import { installRank, type KubeObject } from '@flotilla/model'

/** Known kinds in Helm's order, then others by kind; equal kinds by namespace and name. */
export function compareForInstall(a: KubeObject, b: KubeObject): number {
  return (
    installRank(a.kind) - installRank(b.kind) ||
    compareText(a.kind, b.kind) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.metadata.namespace ?? '', b.metadata.namespace ?? '') ||
    compareText(a.metadata.name, b.metadata.name)
  )
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
