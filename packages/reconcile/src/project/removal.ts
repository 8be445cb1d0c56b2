import {
  type Condition,
  finalizer,
  findCondition,
  known,
  type NewCondition,
  type Project,
  projectNamespace,
  settled,
  unknown,
  waiting,
} from '@flotilla/model'
import { hostCluster } from '../decision.ts'
import { type ClusterSight, computeAbsentees } from '../ownership/sights.ts'
import { leaveNamespaces } from './leaving.ts'
import type { ProjectCluster, ProjectDecision, ProjectEffect, ProjectObserved, ProjectStatus } from './observed.ts'

/** How long it is said that something stays behind in a cluster that cannot be reached, before the project goes all the same. */
export const saidSeconds = 10

interface Removing {
  readonly object: Project
  readonly observed: ProjectObserved
  readonly now: string
}

/**
 * A project goes when its applications are gone, and takes its empty namespaces along. It waits for no cluster that
 * cannot be reached: what stays there is said, then recorded, then let go.
 */
export function removeProject(
  { object, observed, now }: Removing,
  host: ClusterSight,
  clusters: readonly ProjectCluster[],
  status: (ready: Omit<NewCondition, 'type' | 'observedGeneration'>) => ProjectStatus,
): ProjectDecision {
  const { uid = '', name } = object.metadata
  const say = (reason: string, message: string): ProjectStatus => status({ status: 'False', reason, message })
  if (object.metadata.finalizers?.includes(finalizer) !== true) {
    return { objects: known([]), effects: [], status: say('Removing', 'It is gone'), next: settled }
  }
  const { applications } = observed
  const leavings = new Map(
    clusters.flatMap((cluster) => {
      const sight = observed.members.get(cluster.name)
      if (cluster.connection.state === 'lost' || sight?.known !== true) return []
      const { delivered, foreign } = observed
      const of = { project: object, cluster: cluster.name, sight: sight.value, delivered, foreign }
      return [[cluster.name, leaveNamespaces({ ...of, wanted: new Set() })] as const]
    }),
  )
  const rights = known([...leavings.values()].flatMap((leaving) => leaving.objects))
  if (!applications.known || applications.value.length > 0) {
    const message = applications.known
      ? `It still has applications: ${applications.value.slice(0, 5).join(', ')}${applications.value.length > 5 ? ' ...' : ''}. Delete them first`
      : applications.reason
    return {
      objects: rights,
      effects: [],
      status: say('ApplicationsLeft', message),
      next: waiting(30, message),
    }
  }
  const effects: ProjectEffect[] = []
  const waitingFor: string[] = []
  const unseen: string[] = []
  for (const cluster of clusters) {
    const sight = observed.members.get(cluster.name)
    const leaving = leavings.get(cluster.name)
    const there = object.status?.targets?.some((target) => target.cluster === cluster.name) === true
    if (cluster.connection.state === 'lost') {
      if (there) unseen.push(cluster.name)
    } else if (sight === undefined || leaving === undefined) {
      if (there) waitingFor.push(`${cluster.name} to be seen`)
    } else {
      effects.push(...leaving.effects)
      waitingFor.push(...leaving.waitingFor)
      if (leaving.waitingFor.length === 0) {
        const rest = computeAbsentees(known([]), sight, uid).filter(({ ref }) => ref.kind !== 'Namespace')
        effects.push(
          ...rest.map((seen): ProjectEffect => ({
            kind: 'prune',
            key: `prune/${cluster.name}/${seen.uid}`,
            cluster: cluster.name,
            object: seen,
          })),
        )
      }
    }
  }
  if (waitingFor.length > 0) {
    const message = `It is being removed; waiting for ${waitingFor.slice(0, 5).join(', ')}`
    return { objects: rights, effects, status: say('Removing', message), next: waiting(5, message) }
  }
  if (unseen.length > 0) {
    const message = `It is being removed; ${unseen.join(', ')} cannot be reached, so its namespaces and bindings stay there`
    const left = saidSeconds - secondsSince(object.status?.conditions, now)
    if (left > 0) {
      return { objects: unknown(message), effects, status: say('LeftBehind', message), next: waiting(left, message) }
    }
    for (const cluster of unseen) {
      const finding = `Project ${name} was removed while ${cluster} could not be reached: its namespaces and bindings there stay as they are`
      effects.push({ kind: 'recordLeft', key: `left/${uid}/${cluster}`, cluster, message: finding })
    }
  }
  return finish(object, host, effects, say('Removing', 'It is being removed'))
}

function finish(
  object: Project,
  host: ClusterSight,
  before: readonly ProjectEffect[],
  status: ProjectStatus,
): ProjectDecision {
  const { uid = '', name } = object.metadata
  const namespace = projectNamespace(name)
  const there = host.namespaces.get(namespace)
  const effects: ProjectEffect[] = [...before]
  // what its people see beside its own namespace, which goes with all that is in it
  for (const seen of computeAbsentees(known([]), known(host), uid)) {
    if (seen.ref.kind === 'Namespace' || seen.ref.namespace === namespace) continue
    effects.push({ kind: 'prune', key: `prune/${hostCluster}/${seen.uid}`, cluster: hostCluster, object: seen })
  }
  if (there?.owner === uid && !there.deleting) {
    effects.push({
      kind: 'deleteNamespace',
      key: `delete/${hostCluster}/${there.uid}`,
      cluster: hostCluster,
      namespace,
      uid: there.uid,
    })
  }
  effects.push({ kind: 'removeFinalizer', key: `finalizer/${uid}/gone` })
  return { objects: known([]), effects, status, next: settled }
}

/** Since when this is being said; 0 when it is not said yet. */
function secondsSince(conditions: readonly Condition[] | undefined, now: string): number {
  const ready = findCondition(conditions, 'Ready')
  if (ready?.reason !== 'LeftBehind') return 0
  return Math.max(0, (Date.parse(now) - Date.parse(ready.lastTransitionTime)) / 1000)
}
