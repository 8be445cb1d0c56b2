import {
  annotations,
  isHostNamespace,
  type Known,
  known,
  type KubeObject,
  type Project,
  type ProjectTargetStatus,
  refOf,
  type Target,
  targetKey,
  unknown,
} from '@flotilla/model'
import type { DesiredObject } from '../decision.ts'
import { type ClusterSight, computeAbsentees, type NamespaceSight } from '../ownership/sights.ts'
import { computeTargetNetwork } from '../network/target-network.ts'
import { targetPolicy } from '../network/target-policy.ts'
import { clusterBinding, namespaceObject, targetBindings, targetLimits } from './objects.ts'
import type { ProjectCluster, ProjectEffect } from './observed.ts'
import { type Leaving, leaveNamespaces } from './leaving.ts'

export interface ClusterPlan {
  readonly objects: readonly DesiredObject[]
  readonly effects: readonly ProjectEffect[]
  readonly targets: readonly ProjectTargetStatus[]
  readonly leaving: readonly string[]
}

export interface ClusterPlanQuestion {
  readonly project: Project
  readonly workspaceName: string
  readonly workspaceUid: string
  readonly cluster: ProjectCluster
  /** The project's targets in this cluster. */
  readonly targets: readonly Target[]
  readonly sight: Known<ClusterSight>
  readonly delivered: Known<ReadonlySet<string>>
  readonly foreign: ReadonlyMap<string, readonly string[]>
  /** What its ResourceQuotas are to allow, by target key. */
  readonly shares: ReadonlyMap<string, Readonly<Record<string, string>>>
}

/** What a project wants in one cluster, as far as the cluster can be seen. */
export function planCluster(question: ClusterPlanQuestion): ClusterPlan {
  const { project, cluster, targets, sight } = question
  if (!sight.known || cluster.connection.state !== 'connected') {
    const why = sight.known ? (cluster.connection.reason ?? 'The cluster is not connected') : sight.reason
    const before = project.status?.targets ?? []
    const say = (target: Target): ProjectTargetStatus => {
      if (cluster.connection.state === 'lost') {
        const network = computeTargetNetwork(project, target, unknown(why), undefined)
        return { ...statusOf(target, 'Unknown', why), ...(network === undefined ? {} : { network }) }
      }
      // it was just connected, or the server was just started: what was said before still is the best that is known
      const same = before.find((one) => one.cluster === target.cluster && one.namespace === target.namespace)
      return same ?? statusOf(target, 'Pending', why)
    }
    return { objects: [], effects: [], targets: targets.map(say), leaving: [] }
  }
  const objects: DesiredObject[] = []
  const effects: ProjectEffect[] = []
  const statuses: ProjectTargetStatus[] = []
  const want = (object: KubeObject): number => objects.push({ cluster: cluster.name, object })
  for (const target of targets) {
    const namespace = sight.value.namespaces.get(target.namespace)
    const verdict = judge(project, target.namespace, namespace)
    if (verdict.is === 'absent') {
      const object = namespaceObject(question, target.namespace, { environment: target.environment, runs: true })
      effects.push({
        kind: 'createNamespace',
        key: `create/${cluster.name}/${target.namespace}`,
        cluster: cluster.name,
        object,
      })
    }
    if (verdict.is === 'ours') {
      const { environment } = target
      want(namespaceObject(question, target.namespace, { environment, adopted: verdict.adopted, runs: true }))
      for (const limit of targetLimits(question, target, question.shares.get(targetKey(target)))) want(limit)
      for (const binding of targetBindings(question, target)) want(binding)
      const policy = targetPolicy(question, target)
      if (policy !== undefined) want(policy)
    }
    const network = computeTargetNetwork(project, target, sight, cluster.networkPolicy)
    statuses.push({
      ...statusOf(
        target,
        verdict.is === 'ours' ? 'Ready' : verdict.is === 'refused' ? 'Refused' : 'Pending',
        verdict.message,
      ),
      ...(network === undefined || verdict.is === 'refused' ? {} : { network }),
    })
  }
  if (project.spec.scope === 'Cluster' && targets.length > 0) want(clusterBinding(question))
  const leaving = leaveNamespaces({
    ...question,
    cluster: cluster.name,
    sight: sight.value,
    wanted: new Set(targets.map(({ namespace }) => namespace)),
  })
  const all = [...objects, ...leaving.objects]
  return {
    objects: all,
    effects: [...effects, ...prunes(question, all, leaving), ...leaving.effects],
    targets: statuses,
    leaving: leaving.waitingFor,
  }
}

/** Bindings that are no longer wanted, but not those by which a Delivery still has to leave. */
function prunes(
  { project, cluster, sight, targets }: ClusterPlanQuestion,
  objects: readonly DesiredObject[],
  leaving: Leaving,
): ProjectEffect[] {
  const stays = new Set(targets.map(({ namespace }) => namespace))
  return computeAbsentees(known(objects.map(({ object }) => refOf(object))), sight, project.metadata.uid ?? '')
    .filter(({ ref }) => ref.kind !== 'Namespace')
    .filter(({ ref }) => (ref.namespace === '' ? leaving.waitingFor.length === 0 : stays.has(ref.namespace)))
    .map((object) => ({ kind: 'prune', key: `prune/${cluster.name}/${object.uid}`, cluster: cluster.name, object }))
}

type Verdict =
  | { is: 'absent' | 'going' | 'refused'; message: string }
  | { is: 'ours'; adopted: boolean; message: undefined }

/** Whether it gets nothing there, as far as is known. */
export function isRefused(project: Project, target: Target, sight: Known<ClusterSight> | undefined): boolean {
  return (
    sight?.known === true &&
    judge(project, target.namespace, sight.value.namespaces.get(target.namespace)).is === 'refused'
  )
}

/** A namespace that exists is taken over only where its own administrator said so. */
function judge(project: Project, wanted: string, namespace: NamespaceSight | undefined): Verdict {
  const { name, uid } = project.metadata
  if (isHostNamespace(wanted))
    return {
      is: 'refused',
      message: 'Names that begin with ws- or pj- are kept for Flotilla; choose another in spec.targets[].namespace',
    }
  if (namespace === undefined) return { is: 'absent', message: 'Its namespace is being made' }
  if (namespace.deleting) return { is: 'going', message: 'The namespace is still being deleted' }
  if (namespace.owner === uid) return { is: 'ours', adopted: namespace.adopted, message: undefined }
  if (namespace.adopt === name) return { is: 'ours', adopted: true, message: undefined }
  if (namespace.owner !== undefined)
    return {
      is: 'refused',
      message: `The namespace belongs to another project${namespace.project === undefined ? '' : ` (${namespace.project})`}; choose another in spec.targets[].namespace`,
    }
  return {
    is: 'refused',
    message: `The namespace exists already. To hand it over: kubectl annotate namespace ${namespace.name} ${annotations.adopt}=${name}`,
  }
}

function statusOf(
  target: Target,
  state: ProjectTargetStatus['state'],
  message: string | undefined,
): ProjectTargetStatus {
  return {
    cluster: target.cluster,
    namespace: target.namespace,
    ...(target.environment === undefined ? {} : { environment: target.environment }),
    state,
    ...(message === undefined ? {} : { message }),
  }
}

export const notSeen = (cluster: string): Known<never> => unknown(`What ${cluster} has is not known yet`)
