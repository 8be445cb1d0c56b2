import type { DesiredObject } from '../decision.ts'
import { known, type Known, type Project, targetKey } from '@flotilla/model'
import type { ClusterSight, NamespaceSight } from '../ownership/sights.ts'
import { computeAbsentees } from '../ownership/sights.ts'
import { clusterBinding, deliveryBinding } from './objects.ts'
import { inspectKey, type ProjectEffect } from './observed.ts'

export interface Leaving {
  /** The rights by which what is delivered there leaves: put back while they are needed. */
  readonly objects: readonly DesiredObject[]
  readonly effects: readonly ProjectEffect[]
  /** What it still waits for in this cluster; empty when nothing of the project is left there. */
  readonly waitingFor: readonly string[]
}

/**
 * Lets go of a cluster's namespaces that are no longer wanted. One that Flotilla made goes when nobody else has
 * anything in it; every other stays and is only released. Bindings go last, since Deliveries leave by them.
 */
export function leaveNamespaces(question: {
  readonly project: Project
  readonly cluster: string
  readonly sight: ClusterSight
  /** Namespaces that stay. */
  readonly wanted: ReadonlySet<string>
  readonly delivered: Known<ReadonlySet<string>>
  readonly foreign: ReadonlyMap<string, readonly string[]>
}): Leaving {
  const { project, cluster, sight, wanted, delivered, foreign } = question
  const { uid = '' } = project.metadata
  const objects: DesiredObject[] = []
  const effects: ProjectEffect[] = []
  const waitingFor: string[] = []
  const owner = { project, workspaceName: (project.metadata.namespace ?? '').replace(/^ws-/, '') }
  for (const namespace of sight.namespaces.values()) {
    if (namespace.owner !== uid || wanted.has(namespace.name)) continue
    const key = targetKey({ cluster, namespace: namespace.name })
    if (namespace.deleting) {
      waitingFor.push(`namespace ${namespace.name} of ${cluster} to be gone`)
      continue
    }
    if (!delivered.known || delivered.value.has(key)) {
      waitingFor.push(`what is delivered to ${key}`)
      if (delivered.known) objects.push({ cluster, object: deliveryBinding(owner, { namespace: namespace.name }) })
      continue
    }
    const step = leaveOne(cluster, namespace, foreign)
    effects.push(step)
    waitingFor.push(`namespace ${namespace.name} of ${cluster}`)
    if (step.kind === 'inspectNamespace') continue
    for (const seen of computeAbsentees(known([]), known(sight), uid)) {
      if (seen.ref.namespace === namespace.name && step.kind === 'releaseNamespace')
        effects.unshift({ kind: 'prune', key: `prune/${cluster}/${seen.uid}`, cluster, object: seen })
    }
  }
  if (objects.length > 0 && project.spec.scope === 'Cluster') objects.push({ cluster, object: clusterBinding(owner) })
  return { objects, effects, waitingFor }
}

function leaveOne(
  cluster: string,
  { name: namespace, uid, adopted }: NamespaceSight,
  foreign: ReadonlyMap<string, readonly string[]>,
): ProjectEffect {
  const release: ProjectEffect = { kind: 'releaseNamespace', key: `release/${cluster}/${uid}`, cluster, namespace, uid }
  if (adopted) return release
  const key = inspectKey(cluster, namespace, uid)
  const others = foreign.get(key)
  if (others === undefined) return { kind: 'inspectNamespace', key, cluster, namespace }
  if (others.length > 0) return release
  return { kind: 'deleteNamespace', key: `delete/${cluster}/${uid}`, cluster, namespace, uid }
}
