import { type KubeObject, parseApiVersion } from '@flotilla/model'

/** Says of a group and kind whether its objects live in namespaces; discovery knows, and the set's own definitions. */
export type ScopeOf = (group: string, kind: string) => 'Namespaced' | 'Cluster' | undefined

/**
 * Gives namespaced objects without a namespace that of the release, and takes it off cluster-scoped ones, as Helm does when it
 * applies. Objects of an unknown kind are listed apart: the caller decides.
 */
export function defaultNamespace<T extends KubeObject>(
  objects: readonly T[],
  namespace: string,
  scopeOf: ScopeOf,
): { readonly objects: readonly T[]; readonly unknown: readonly T[] } {
  const unknown: T[] = []
  const next = objects.map((object) => {
    const scope = scopeOf(parseApiVersion(object.apiVersion).group, object.kind)
    if (scope === undefined) {
      unknown.push(object)
      return object
    }
    const current = object.metadata.namespace ?? ''
    if (scope === 'Namespaced') {
      return current === '' ? { ...object, metadata: { ...object.metadata, namespace } } : object
    }
    if (object.metadata.namespace === undefined) return object
    const { namespace: _removed, ...metadata } = object.metadata
    return { ...object, metadata }
  })
  return { objects: next, unknown }
}

/** Scopes that custom resource definitions of a set give to their kinds, before the API server knows them. */
export function scopesOfDefinitions(definitions: readonly KubeObject[]): ScopeOf {
  const scopes = new Map<string, 'Namespaced' | 'Cluster'>()
  for (const definition of definitions) {
    if (definition.kind !== 'CustomResourceDefinition') continue
    const spec = definition['spec'] as { group?: unknown; scope?: unknown; names?: { kind?: unknown } } | undefined
    if (typeof spec?.group !== 'string' || typeof spec.names?.kind !== 'string') continue
    scopes.set(`${spec.group}/${spec.names.kind}`, spec.scope === 'Cluster' ? 'Cluster' : 'Namespaced')
  }
  return (group, kind) => scopes.get(`${group}/${kind}`)
}
