import {
  annotations,
  builtInRoles,
  finalizer,
  known,
  type Known,
  type KubeObject,
  labels,
  memberRole,
  platformGroup,
  type Project,
  refOf,
  retry,
  settled,
  stalled,
  unknown,
  waiting,
  type Workspace,
  workspaceGroup,
  workspaceNamespace,
} from '@flotilla/model'
import { type Decision, type Effect, hostCluster } from './decision.ts'
import { clusterRole, clusterRoleBinding, type PolicyRule, roleBinding } from './ownership/bindings.ts'
import { type ChosenCluster, seesClustersOf } from './ownership/cluster-sight.ts'
import { type ConditionSaid, computeReady, observedGeneration, withCondition } from './ownership/ready.ts'
import { type GrantPlan, grantShares } from './quota/grant-shares.ts'
import { roles } from './ownership/roles.ts'
import { type ClusterSight, computeAbsentees, type OwnedSight, workspaceRoleName } from './ownership/sights.ts'

export interface WorkspaceObserved {
  readonly host: Known<ClusterSight>
  /** Every cluster of the fleet. */
  readonly clusters: Known<readonly ChosenCluster[]>
  /** The projects that are in it. */
  readonly projects: Known<readonly Pick<Project, 'metadata' | 'spec' | 'status'>[]>
}

export type WorkspaceStatus = NonNullable<Workspace['status']>
export type WorkspaceEffect =
  | (Effect & { readonly kind: 'addFinalizer' | 'removeFinalizer' })
  | (Effect & { readonly kind: 'createNamespace'; readonly object: KubeObject })
  | (Effect & { readonly kind: 'deleteNamespace'; readonly namespace: string; readonly uid: string })
  | (Effect & { readonly kind: 'prune'; readonly object: OwnedSight })
export type WorkspaceDecision = Decision<WorkspaceStatus, WorkspaceEffect>

/** A workspace is a host namespace, and what its people may do there and see of the platform. */
export function reconcileWorkspace({
  object,
  observed,
  now,
}: {
  readonly object: Workspace
  readonly observed: WorkspaceObserved
  /** RFC 3339, UTC. */
  readonly now: string
}): WorkspaceDecision {
  const { name, uid = '' } = object.metadata
  const namespace = workspaceNamespace(name)
  // while a project cannot be read, what was given stays as it was
  const quota: GrantPlan = observed.projects.known
    ? grantShares(object, observed.projects.value)
    : { status: object.status?.quota, free: undefined, exceeded: [] }
  const status = (ready: Parameters<typeof computeReady>[1]): WorkspaceStatus => ({
    ...observedGeneration(object),
    conditions: withCondition(
      object,
      computeReady(object, ready, now),
      'QuotaExceeded',
      exceededOf(object, quota),
      now,
    ),
    namespace,
    ...(quota.status === undefined ? {} : { quota: quota.status }),
  })
  const { host } = observed
  if (!host.known) {
    // a server that has just started knows no better than the one before it
    const said = object.status ?? status({ status: 'Unknown', reason: 'HostNotSeen', message: host.reason })
    return { objects: unknown(host.reason), effects: [], status: said, next: retry(host.reason) }
  }
  const there = host.value.namespaces.get(namespace)
  if (object.metadata.deletionTimestamp !== undefined)
    return remove(object, observed, there?.owner === uid ? there.uid : undefined, status)

  const held: WorkspaceEffect[] = object.metadata.finalizers?.includes(finalizer)
    ? []
    : [{ kind: 'addFinalizer', key: `finalizer/${uid}` }]
  const ours = { [labels.managed]: 'workspace', [labels.workspace]: name, [labels.owner]: uid }
  const metadata = {
    name: namespace,
    labels: ours,
    ...(quota.free === undefined ? {} : { annotations: { [annotations.quotaFree]: quota.free } }),
  }
  const namespaceObject = { apiVersion: 'v1', kind: 'Namespace', metadata }
  if (there === undefined) {
    return {
      objects: unknown('its namespace is not there yet'),
      effects: [...held, { kind: 'createNamespace', key: `create/${namespace}`, object: namespaceObject }],
      status: status({ status: 'False', reason: 'Creating', message: `Its namespace ${namespace} is being made` }),
      next: waiting(5, 'its namespace is being made'),
    }
  }
  if (there.owner !== uid || there.deleting) {
    const message = there.deleting
      ? `The namespace ${namespace} is still being deleted`
      : `The namespace ${namespace} exists already and belongs to somebody else; delete it, or give the workspace another name`
    return {
      objects: unknown(message),
      effects: held,
      status: status({ status: 'False', reason: 'NamespaceTaken', message }),
      next: there.deleting ? waiting(5, message) : stalled(message),
    }
  }
  const sight = seesClustersOf(object, observed.clusters)
  if (!sight.known) {
    const said = object.status ?? status({ status: 'Unknown', reason: 'ClustersNotSeen', message: sight.reason })
    return { objects: sight, effects: held, status: said, next: retry(sight.reason) }
  }
  // what is free is not known while a project is not: what stands there stays
  const own = observed.projects.known ? [namespaceObject] : []
  const objects = [...own, ...bindingsOf(object.metadata, namespace, ours, sight.value)]
  const absent = computeAbsentees(known([namespaceObject, ...objects].map(refOf)), host, uid)
  return {
    objects: known(objects.map((wanted) => ({ cluster: hostCluster, object: wanted }))),
    effects: [...held, ...absent.map((seen) => prune(seen))],
    status: status({ status: 'True', reason: 'Ready', message: `Its namespace is ${namespace}` }),
    next: settled,
  }
}

function bindingsOf(
  { name, uid = '' }: Workspace['metadata'],
  namespace: string,
  ours: Record<string, string>,
  sight: readonly PolicyRule[],
): KubeObject[] {
  const inside = builtInRoles.workspace.map((role) =>
    roleBinding({
      namespace,
      name: `flotilla:${role}`,
      role: roles.workspace[role],
      groups: [workspaceGroup(uid, role), ...(role === 'admin' ? [platformGroup('admin')] : [])],
      labels: ours,
    }),
  )
  // what all of its people may see of the platform: their own workspace, and the clusters that it may use
  const sightRole = workspaceRoleName(uid)
  return [
    ...inside,
    clusterRole(
      sightRole,
      [{ apiGroups: ['flotilla.dev'], resources: ['workspaces'], resourceNames: [name], verbs: ['get'] }, ...sight],
      ours,
    ),
    clusterRoleBinding({
      name: sightRole,
      role: sightRole,
      groups: [...builtInRoles.workspace, memberRole].map((role) => workspaceGroup(uid, role)),
      labels: ours,
    }),
  ]
}

/** Waits for its projects: nothing of a person's goes because its workspace went. */
function remove(
  object: Workspace,
  { host, projects }: WorkspaceObserved,
  namespaceUid: string | undefined,
  status: (ready: Parameters<typeof computeReady>[1]) => WorkspaceStatus,
): WorkspaceDecision {
  const { name, uid = '' } = object.metadata
  if (object.metadata.finalizers?.includes(finalizer) !== true) {
    const said = status({ status: 'False', reason: 'Removing', message: 'It is gone' })
    return { objects: known([]), effects: [], status: said, next: settled }
  }
  if (!projects.known || projects.value.length > 0) {
    const message = projects.known
      ? `It still has projects: ${projects.value
          .slice(0, 5)
          .map(({ metadata }) => metadata.name)
          .join(', ')}${projects.value.length > 5 ? ' ...' : ''}. Delete them first`
      : projects.reason
    const said = status({ status: 'False', reason: 'ProjectsLeft', message })
    return { objects: unknown(message), effects: [], status: said, next: waiting(30, message) }
  }
  const effects: WorkspaceEffect[] = computeAbsentees(known([]), host, uid)
    // the namespace goes by its own uid, last
    .filter(({ ref }) => ref.kind !== 'Namespace')
    .map((seen) => prune(seen))
  if (namespaceUid !== undefined) {
    const namespace = workspaceNamespace(name)
    effects.push({ kind: 'deleteNamespace', key: `delete/${namespace}`, namespace, uid: namespaceUid })
  }
  effects.push({ kind: 'removeFinalizer', key: `finalizer/${uid}/gone` })
  const said = status({ status: 'False', reason: 'Removing', message: 'It is being removed' })
  return { objects: known([]), effects, status: said, next: settled }
}

function exceededOf(object: Workspace, { exceeded }: GrantPlan): ConditionSaid | undefined {
  if (exceeded.length === 0) return undefined
  const message = `${exceeded.join('; ')}. What was given stays; nobody gets more until it fits spec.quota.hard of ${object.metadata.name}`
  return { status: 'True', reason: 'QuotaExceeded', message }
}

const prune = (object: OwnedSight): WorkspaceEffect => ({ kind: 'prune', key: `prune/${object.uid}`, object })
