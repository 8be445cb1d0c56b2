import type { ResolvedKind } from './kind-ref.ts'

/** What one version of one group serves. */
export interface ServedVersion {
  readonly group: string
  readonly version: string
  /** The group's first version is the one it prefers. */
  readonly preferred: boolean
  /** The aggregated API server behind it did not answer, and so its kinds are not known. */
  readonly stale: boolean
  readonly kinds: readonly ResolvedKind[]
}

type Json = Record<string, unknown>
const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : [])
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(text) : [])

/** Reads aggregated discovery (`APIGroupDiscoveryList`, Kubernetes 1.27 and later). */
export function parseAggregated(document: unknown): ServedVersion[] {
  return list((document as Json)['items']).flatMap((item) => {
    const group = text((item['metadata'] as Json | undefined)?.['name'])
    return list(item['versions']).map((entry, at): ServedVersion => {
      const version = text(entry['version'])
      return {
        group,
        version,
        preferred: at === 0,
        stale: entry['freshness'] === 'Stale',
        kinds: list(entry['resources']).flatMap((resource) => aggregatedKind(resource, group, version)),
      }
    })
  })
}

function aggregatedKind(resource: Json, group: string, version: string): ResolvedKind[] {
  const kind = text((resource['responseKind'] as Json | undefined)?.['kind'])
  if (kind === '') return []
  const subresources = list(resource['subresources']).map((sub) => text(sub['subresource']))
  return [
    resolved(
      { group, version, kind, resource: text(resource['resource']), subresources },
      resource['scope'] === 'Namespaced',
      [...texts(resource['verbs'])],
    ),
  ]
}

/** Reads `APIGroupList`: each group's versions, the preferred one first. */
export function parseGroups(document: unknown): { group: string; version: string; preferred: boolean }[] {
  return list((document as Json)['groups']).flatMap((entry) => {
    const group = text(entry['name'])
    const preferred = text((entry['preferredVersion'] as Json | undefined)?.['version'])
    return list(entry['versions']).map((one) => {
      const version = text(one['version'])
      return { group, version, preferred: version === preferred }
    })
  })
}

/** Reads `APIResourceList`, where a subresource is an entry `deployments/scale` of its own. */
export function parseResources(document: unknown, group: string, version: string): ResolvedKind[] {
  const entries = list((document as Json)['resources'])
  return entries
    .filter((entry) => !text(entry['name']).includes('/'))
    .map((entry) => {
      const resource = text(entry['name'])
      const subresources = entries
        .map((other) => text(other['name']))
        .filter((name) => name.startsWith(`${resource}/`))
        .map((name) => name.slice(resource.length + 1))
      const kind = text(entry['kind'])
      return resolved(
        { group, version, kind, resource, subresources },
        entry['namespaced'] === true,
        texts(entry['verbs']),
      )
    })
}

function resolved(
  base: Pick<ResolvedKind, 'group' | 'version' | 'kind' | 'resource' | 'subresources'>,
  namespaced: boolean,
  verbs: readonly string[],
): ResolvedKind {
  return {
    ...base,
    namespaced,
    verbs,
    hasScale: base.subresources.includes('scale'),
    hasStatus: base.subresources.includes('status'),
  }
}
