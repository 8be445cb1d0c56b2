import {
  type Condition,
  computeTargets,
  finalizer,
  known,
  type NewCondition,
  type Project,
  projectNamespace,
  type ProjectTargetStatus,
  refOf,
  retry,
  settled,
  stalled,
  type Target,
  unknown,
  waiting,
} from '@flotilla/model'
import { type DesiredObject, hostCluster } from './decision.ts'
import { computeIsolated } from './network/target-network.ts'
import { computeReady, observedGeneration, withCondition } from './ownership/ready.ts'
import { computeAbsentees, type ClusterSight } from './ownership/sights.ts'
import { hostBindings, namespaceObject } from './project/objects.ts'
import type { ProjectDecision, ProjectEffect, ProjectObserved, ProjectStatus } from './project/observed.ts'
import { removeProject } from './project/removal.ts'
import { planQuota, type QuotaPlan } from './project/quota.ts'
import { type ClusterPlan, isRefused, notSeen, planCluster } from './project/targets.ts'

export interface ProjectQuestion {
  readonly object: Project
  readonly observed: ProjectObserved
  /** RFC 3339, UTC. */
  readonly now: string
}

/** How often the status may follow what moves all the time (what is used of a quota). */
const usedSeconds = 30

type Said = Omit<NewCondition, 'type' | 'observedGeneration'>

/** A project is a namespace in the host, and one in each of its targets with the rights of those who act there. */
export function reconcileProject(question: ProjectQuestion): ProjectDecision {
  const { object, observed, now } = question
  const { name, uid = '' } = object.metadata
  const namespace = projectNamespace(name)
  const status = (
    ready: Said,
    targets = object.status?.targets,
    quota: Pick<QuotaPlan, 'status' | 'exceeded'> = { status: object.status?.quota, exceeded: undefined },
  ): ProjectStatus => ({
    ...observedGeneration(object),
    conditions: withIsolated(
      withCondition(object, computeReady(object, ready, now), 'QuotaExceeded', quota.exceeded, now),
      targets,
    ),
    ...(quota.status === undefined ? {} : { quota: quota.status }),
    // said only of the project that has it: another of the same name must not pass for it
    ...(ownsNamespace(observed, namespace, uid) ? { namespace } : {}),
    ...(targets === undefined ? {} : { targets }),
  })
  const withIsolated = (conditions: Condition[], targets: readonly ProjectTargetStatus[] | undefined): Condition[] =>
    withCondition(object, conditions, 'Isolated', computeIsolated(object, targets), now)
  /** Nothing is written or pruned. */
  const hold = (
    ready: Said,
    next: ProjectDecision['next'],
    effects: readonly ProjectEffect[] = [],
  ): ProjectDecision => ({
    objects: unknown(ready.message),
    effects,
    status: status(ready),
    next,
  })
  const { workspace, clusters, host } = observed
  const notKnown = [workspace, clusters, host].find((part) => !part.known)
  if (!workspace.known || !clusters.known || !host.known) {
    const reason = notKnown?.known === false ? notKnown.reason : 'not everything is known'
    // a server that has just started knows no better than the one before it
    if (object.status?.conditions !== undefined)
      return { objects: unknown(reason), effects: [], status: object.status, next: retry(reason) }
    return hold({ status: 'Unknown', reason: 'NotSeen', message: reason }, retry(reason))
  }
  if (object.metadata.deletionTimestamp !== undefined)
    return removeProject(question, host.value, clusters.value, status)
  if (workspace.value === undefined) {
    const message = `The namespace ${object.metadata.namespace ?? ''} is not that of a workspace; make the workspace first`
    return hold({ status: 'False', reason: 'NoWorkspace', message }, stalled(message))
  }
  const rival = observed.rivals.find((other) => isOlder(other, object))
  if (rival !== undefined) {
    const message = `There is a project ${name} already, in ${rival.metadata.namespace ?? ''}; give this one another name`
    return hold({ status: 'False', reason: 'NameTaken', message }, stalled(message))
  }
  const held: ProjectEffect[] = object.metadata.finalizers?.includes(finalizer)
    ? []
    : [{ kind: 'addFinalizer', key: `finalizer/${uid}` }]
  const owner = {
    project: object,
    workspaceName: workspace.value.metadata.name,
    workspaceUid: workspace.value.metadata.uid ?? '',
  }
  const there = host.value.namespaces.get(namespace)
  if (there === undefined) {
    const create: ProjectEffect = {
      kind: 'createNamespace',
      key: `create/${hostCluster}/${namespace}`,
      cluster: hostCluster,
      object: namespaceObject(owner, namespace),
    }
    const message = `Its namespace ${namespace} is being made`
    return hold({ status: 'False', reason: 'Creating', message }, waiting(5, message), [...held, create])
  }
  if (there.deleting || there.owner !== uid) {
    const message = there.deleting
      ? `The namespace ${namespace} is still being deleted`
      : `The namespace ${namespace} exists already and belongs to somebody else; delete it, or give the project another name`
    return hold(
      { status: 'False', reason: 'NamespaceTaken', message },
      there.deleting ? waiting(5, message) : stalled(message),
      held,
    )
  }
  const targets = computeTargets(
    object,
    clusters.value.filter(({ removing }) => !removing),
  )
  const inHost: DesiredObject[] = [
    namespaceObject(owner, namespace),
    ...hostBindings(
      owner,
      namespace,
      targets.map(({ cluster }) => cluster),
    ),
  ].map((wanted) => ({
    cluster: hostCluster,
    object: wanted,
  }))
  const quota = planQuota({
    project: object,
    targets: targets.filter((target) => !isRefused(object, target, observed.members.get(target.cluster))),
    clusters: clusters.value,
    observed,
  })
  const plans = clusters.value.map((cluster) =>
    planCluster({
      ...owner,
      cluster,
      targets: targets.filter((target) => target.cluster === cluster.name),
      sight: observed.members.get(cluster.name) ?? notSeen(cluster.name),
      delivered: observed.delivered,
      foreign: observed.foreign,
      shares: quota.shares,
    }),
  )
  const statuses = inOrder(targets, plans)
  const leaving = plans.flatMap((plan) => plan.leaving)
  return {
    objects: known([...inHost, ...plans.flatMap((plan) => plan.objects)]),
    effects: [...held, ...hostPrunes(uid, inHost, host.value), ...plans.flatMap((plan) => plan.effects)],
    status: status(readyOf(statuses, leaving), statuses, quota),
    next:
      leaving.length > 0
        ? waiting(5, `it leaves ${leaving.join(', ')}`)
        : quota.status === undefined
          ? settled
          : waiting(usedSeconds, 'what is used is looked at again'),
  }
}

function hostPrunes(uid: string, wanted: readonly DesiredObject[], host: ClusterSight): ProjectEffect[] {
  return computeAbsentees(known(wanted.map(({ object }) => refOf(object))), known(host), uid)
    .filter(({ ref }) => ref.kind !== 'Namespace')
    .map((object) => ({ kind: 'prune', key: `prune/${hostCluster}/${object.uid}`, cluster: hostCluster, object }))
}

function inOrder(targets: readonly Target[], plans: readonly ClusterPlan[]): ProjectTargetStatus[] {
  const all = plans.flatMap((plan) => plan.targets)
  return targets.flatMap(
    ({ cluster, namespace }) => all.find((one) => one.cluster === cluster && one.namespace === namespace) ?? [],
  )
}

function readyOf(targets: readonly ProjectTargetStatus[], leaving: readonly string[]): Said {
  const refused = targets.filter(({ state }) => state === 'Refused')
  const [first] = refused
  if (first !== undefined) {
    const more = refused.length > 1 ? ` (and ${refused.length - 1} more targets are refused)` : ''
    const message = `${first.cluster}/${first.namespace}: ${first.message ?? 'refused'}${more}`
    return { status: 'False', reason: 'TargetRefused', message }
  }
  const open = targets
    .filter(({ state }) => state !== 'Ready')
    .map(({ cluster, namespace }) => `${cluster}/${namespace}`)
  if (open.length > 0) {
    const shown = `${open.slice(0, 5).join(', ')}${open.length > 5 ? ' ...' : ''}`
    return { status: 'Unknown', reason: 'TargetsOpen', message: `Not ready or not seen yet: ${shown}` }
  }
  const message =
    leaving.length > 0
      ? `Ready; it leaves ${leaving.slice(0, 5).join(', ')}`
      : `Ready in ${targets.length} target${targets.length === 1 ? '' : 's'}`
  return { status: 'True', reason: 'Ready', message }
}

function ownsNamespace({ host }: ProjectObserved, namespace: string, uid: string): boolean {
  return host.known && host.value.namespaces.get(namespace)?.owner === uid
}

/** Of two projects of one name the older one has it; of the same age, the smaller uid. */
function isOlder(a: Pick<Project, 'metadata'>, b: Pick<Project, 'metadata'>): boolean {
  const [ageA, ageB] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '']
  return ageA === ageB ? (a.metadata.uid ?? '') < (b.metadata.uid ?? '') : ageA < ageB
}
