import { type KubeObject, parseApiVersion } from '@flotilla/model'
import { isRecord } from '@flotilla/reconcile'
import type { Capabilities } from './capabilities.ts'

/**
 * Gives each object the place that Helm and kubectl would: one that names no namespace gets the target's, one of a
 * cluster-scoped kind has none. Kinds that neither the cluster nor the set itself knows count as namespaced.
 */
export function placeObjects(
  objects: readonly KubeObject[],
  namespace: string,
  isClusterScoped: (object: KubeObject) => boolean,
): KubeObject[] {
  return objects.map((object) => {
    const { namespace: own, ...rest } = object.metadata
    const metadata = isClusterScoped(object)
      ? rest
      : { ...rest, namespace: own === undefined || own === '' ? namespace : own }
    return Object.assign({}, object, { metadata })
  })
}

/** Scope by what the cluster serves and by the definitions that come with the set. */
export function createScopes(capabilities: Capabilities, sets: readonly KubeObject[]): (object: KubeObject) => boolean {
  const clusterScoped = new Set(capabilities.clusterScoped)
  for (const object of sets) {
    const { spec } = object
    if (object.kind !== 'CustomResourceDefinition' || !isRecord(spec) || !isRecord(spec['names'])) continue
    const kind = `${String(spec['group'])}/${String(spec['names']['kind'])}`
    if (spec['scope'] === 'Cluster') clusterScoped.add(kind)
    else clusterScoped.delete(kind)
  }
  return ({ apiVersion, kind }) => clusterScoped.has(`${parseApiVersion(apiVersion).group}/${kind}`)
}
