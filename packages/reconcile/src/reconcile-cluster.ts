import {
  type Cluster,
  finalizer,
  known,
  type Known,
  type KubeObject,
  labels,
  networkProbeNamespace,
  platformGroup,
  refOf,
  type Resources,
  settled,
  unknown,
  waiting,
} from '@flotilla/model'
import { type Decision, type Effect } from './decision.ts'
import {
  computeNetworkPolicy,
  isCheckDue,
  type NetworkCheckObserved,
  networkMark,
  requestOf,
} from './network/plan-check.ts'
import { clusterRole, clusterRoleBinding, type PolicyRule } from './ownership/bindings.ts'
import { memberPolicies, withoutPolicies } from './ownership/member-policies.ts'
import { deliveryRules, readableCore } from './ownership/delivery-rules.ts'
import { computeReady, observedGeneration } from './ownership/ready.ts'
import { roles } from './ownership/roles.ts'
import { type ClusterSight, computeAbsentees, type NamespaceSight, type OwnedSight } from './ownership/sights.ts'

/** What a member says of itself. */
export interface ClusterFacts {
  /** uid of its kube-system namespace. */
  readonly uid: string
  readonly nodes: { readonly ready: number; readonly total: number }
  readonly capacity: Resources
  readonly allocatable: Resources
  readonly requested: Resources
  readonly lacks: readonly string[]
  /** API groups that it serves, without the core group. Sorted. */
  readonly apiGroups: readonly string[]
  /** It serves admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy. */
  readonly hasPolicies: boolean
}

export type ClusterConnectionSight =
  | { readonly state: 'connecting'; readonly since: string }
  | { readonly state: 'connected'; readonly since: string; readonly version: string }
  | { readonly state: 'lost'; readonly since: string; readonly reason: string }

export interface ClusterObserved {
  readonly connection: ClusterConnectionSight
  readonly facts: Known<ClusterFacts>
  readonly member: Known<ClusterSight>
  /** uids of everything in the host that may own objects in a member: Projects and Credentials. */
  readonly owners: Known<ReadonlySet<string>>
  /** uids of projects, gone or not, of which something is still to be swept there, with the rights that they have. */
  readonly swept: Known<ReadonlySet<string>>
  readonly network: NetworkCheckObserved
  /** Deliveries that are bound for it. */
  readonly deliveries: Known<
    readonly {
      readonly namespace: string
      readonly name: string
      readonly deleting: boolean
      readonly policy: 'Keep' | 'Delete'
      /** What holds up its removal. */
      readonly message?: string | undefined
    }[]
  >
}

export type ClusterStatus = NonNullable<Cluster['status']>
export type ClusterEffect =
  | (Effect & { readonly kind: 'addFinalizer' | 'removeFinalizer' | 'deleteCredential' })
  /** Sets the policy of a Delivery, then deletes it, so that it never goes with another policy. */
  | (Effect & {
      readonly kind: 'removeDelivery'
      readonly namespace: string
      readonly name: string
      readonly policy: 'Keep' | 'Delete'
    })
  | (Effect & { readonly kind: 'prune'; readonly object: OwnedSight })
  /** Measures whether it enforces network policies; the result comes back in `network.run`. */
  | (Effect & { readonly kind: 'measureNetwork'; readonly seen: string; readonly request: string | undefined })
  /** Takes away what a measurement left, or is still using. */
  | (Effect & { readonly kind: 'removeNetworkProbe' })
  /** Puts the policies there that keep others from Flotilla's bindings, or takes them away; what is there already stays. */
  | (Effect & { readonly kind: 'guard' | 'unguard'; readonly policies: readonly KubeObject[] })
  /** Takes the platform's own account out of the member: the last thing it can do there. */
  | (Effect & { readonly kind: 'leaveMember' })
  | (Effect & { readonly kind: 'recordLeft'; readonly message: string })
export type ClusterDecision = Decision<ClusterStatus, ClusterEffect>

/** The label value `flotilla.dev/owner` of what belongs to the platform itself in a member. */
export const platformOwner = 'platform'
const ours = { [labels.managed]: 'platform', [labels.owner]: platformOwner }

/** How often the status may follow what moves all the time (requests of pods). */
const freshSeconds = 30

export interface ClusterQuestion {
  readonly object: Cluster
  readonly observed: ClusterObserved
  /** RFC 3339, UTC. */
  readonly now: string
}

/** What is known of a cluster, and what the platform itself keeps in it: the roles that bindings of projects point at. */
export function reconcileCluster(question: ClusterQuestion): ClusterDecision {
  const { object, observed } = question
  if (object.metadata.deletionTimestamp !== undefined) return removeCluster(question)
  const { uid = '' } = object.metadata
  const effects: ClusterEffect[] = object.metadata.finalizers?.includes(finalizer)
    ? []
    : [{ kind: 'addFinalizer', key: `finalizer/${uid}` }]
  const status = statusOf(question)
  const next = waiting(freshSeconds, 'what it has is looked at again')
  if (observed.connection.state !== 'connected') {
    return { objects: unknown('the cluster is not connected'), effects, status, next }
  }
  if (!observed.facts.known) return { objects: unknown(observed.facts.reason), effects, status, next }
  const wanted = platformObjects(observed.facts.value.apiGroups)
  const absent = [
    ...computeAbsentees(known(wanted.map(refOf)), observed.member, platformOwner),
    ...computeOrphans(observed),
  ]
  return {
    objects: known(wanted.map((wish) => ({ cluster: object.metadata.name, object: wish }))),
    effects: [
      ...effects,
      ...absent.map(pruneOf),
      ...(observed.facts.value.hasPolicies ? [guardOf('guard', object)] : []),
      ...measureOf(question, observed.facts.value),
    ],
    status,
    next,
  }
}

/** Measures when it is due; what a server left that was killed in the middle goes all the same. */
function measureOf({ object, observed, now }: ClusterQuestion, { apiGroups }: ClusterFacts): ClusterEffect[] {
  const { network, member, connection } = observed
  if (network.run.state === 'running') return []
  const mark = networkMark(connection.state === 'connected' ? connection.version : '', apiGroups)
  if (isCheckDue(object, network, { mark, now })) {
    const { metadata } = object
    return [{ kind: 'measureNetwork', key: `network/${metadata.uid ?? ''}`, seen: mark, request: requestOf(metadata) }]
  }
  const left = leftProbe(member)
  return left === undefined ? [] : [{ kind: 'removeNetworkProbe', key: `network-probe/${left.uid}` }]
}

/** One of the same name that somebody else made is theirs. */
function leftProbe(member: Known<ClusterSight>): NamespaceSight | undefined {
  const found = member.known ? member.value.namespaces.get(networkProbeNamespace) : undefined
  return found?.probe === true && !found.deleting ? found : undefined
}

const guardOf = (kind: 'guard' | 'unguard', { metadata }: Cluster): ClusterEffect => ({
  kind,
  key: `${kind}/${metadata.uid ?? ''}`,
  policies: memberPolicies(ours),
})

const pruneOf = (object: OwnedSight): ClusterEffect => ({ kind: 'prune', key: `prune/${object.uid}`, object })

/** What owners left behind that are no more, for instance because the cluster was away when they went. */
export function computeOrphans({
  member,
  owners,
  swept,
}: Pick<ClusterObserved, 'member' | 'owners' | 'swept'>): OwnedSight[] {
  if (!member.known || !owners.known || !swept.known) return []
  const needed = (owner: string): boolean =>
    owner === platformOwner || owners.value.has(owner) || swept.value.has(owner)
  return member.value.owned.filter(
    ({ owner, deleting, ref }) => !deleting && ref.kind !== 'Namespace' && !needed(owner),
  )
}

function statusOf({ object, observed, now }: ClusterQuestion): ClusterStatus {
  const before = object.status ?? {}
  const { connection, facts } = observed
  // what was seen last stays beside a state that says how old it is
  const { uid, nodes, capacity, allocatable, requested, lacks, version } = before
  const seen = facts.known ? factsStatus(facts.value) : { uid, nodes, capacity, allocatable, requested, lacks }
  const networkPolicy = computeNetworkPolicy(before.networkPolicy, observed.network.run)
  const base = { ...observedGeneration(object), ...withoutUndefined({ ...seen, networkPolicy }) }
  switch (connection.state) {
    case 'connected': {
      const message = 'The API server answers'
      return {
        ...base,
        state: 'Connected',
        since: before.state === 'Connected' && before.since !== undefined ? before.since : connection.since,
        message,
        version: connection.version,
        conditions: computeReady(object, { status: 'True', reason: 'Connected', message }, now),
      }
    }
    case 'lost':
      return {
        ...base,
        ...(version === undefined ? {} : { version }),
        state: 'Lost',
        since: before.state === 'Lost' && before.since !== undefined ? before.since : connection.since,
        message: connection.reason,
        conditions: computeReady(object, { status: 'Unknown', reason: 'Lost', message: connection.reason }, now),
      }
    case 'connecting':
      // a server that has just started does not know better than the one before it
      if (before.state !== undefined) return { ...before, ...observedGeneration(object) }
      return {
        ...base,
        state: 'Pending',
        since: connection.since,
        message: 'It has not been reached yet',
        conditions: computeReady(
          object,
          { status: 'Unknown', reason: 'Connecting', message: 'It has not been reached yet' },
          now,
        ),
      }
    default:
      return connection satisfies never
  }
}

function factsStatus({ uid, nodes, capacity, allocatable, requested, lacks, hasPolicies }: ClusterFacts) {
  const all = hasPolicies ? [...lacks] : [...lacks, withoutPolicies]
  return { uid, nodes: { ...nodes }, capacity, allocatable, requested, lacks: all }
}

/**
 * Beside Kubernetes' own `view`. Pods may be deleted and workloads scaled; a restart by `kubectl rollout restart` needs
 * `patch` of the whole workload, which is to edit it, so an operator deletes the pods instead.
 */
const operatorRules: readonly PolicyRule[] = [
  { apiGroups: [''], resources: ['pods'], verbs: ['delete'] },
  {
    apiGroups: ['apps'],
    resources: ['deployments/scale', 'statefulsets/scale'],
    verbs: ['get', 'update', 'patch'],
  },
]

/** Roles of the platform in a member, and who of the platform's people has them. */
function platformObjects(apiGroups: readonly string[]): KubeObject[] {
  const read = ['get', 'list', 'watch']
  return [
    clusterRole(roles.delivery, deliveryRules(apiGroups), ours),
    clusterRole(roles.clusterDelivery, [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }], ours),
    clusterRole(roles.memberOperator, operatorRules, ours),
    clusterRole(
      roles.memberPlatformViewer,
      [
        { apiGroups: [''], resources: readableCore, verbs: read },
        { apiGroups: [...apiGroups].sort(), resources: ['*'], verbs: read },
      ],
      ours,
    ),
    clusterRoleBinding({
      name: 'flotilla:platform-admin',
      role: 'cluster-admin',
      groups: [platformGroup('admin')],
      labels: ours,
    }),
    clusterRoleBinding({
      name: roles.memberPlatformViewer,
      role: roles.memberPlatformViewer,
      groups: [platformGroup('viewer')],
      labels: ours,
    }),
  ]
}

/**
 * A cluster that leaves the fleet: its Deliveries go first, with the policy that was asked for, then what projects
 * keep there, then the platform's own. A cluster that cannot be reached is left as it is, and that is said.
 */
function removeCluster(question: ClusterQuestion): ClusterDecision {
  const { object, observed } = question
  const { uid = '', name } = object.metadata
  const status = statusOf(question)
  if (object.metadata.finalizers?.includes(finalizer) !== true) {
    return { objects: known([]), effects: [], status, next: settled }
  }
  const { facts } = observed
  // what leaves needs its rights until it is gone
  const roles: ClusterDecision['objects'] =
    observed.connection.state === 'connected' && facts.known
      ? known(platformObjects(facts.value.apiGroups).map((wish) => ({ cluster: name, object: wish })))
      : unknown('the cluster is not seen')
  const wait = (message: string, effects: readonly ClusterEffect[], seconds = 5): ClusterDecision => ({
    objects: roles,
    effects,
    status: { ...status, message },
    next: waiting(seconds, message),
  })
  const { deliveries, connection, member } = observed
  if (!deliveries.known) return wait(deliveries.reason, [])
  if (deliveries.value.length > 0) {
    const policy = object.metadata.annotations?.['flotilla.dev/objects'] === 'delete' ? 'Delete' : 'Keep'
    const effects = deliveries.value
      .filter((delivery) => !delivery.deleting || delivery.policy !== policy)
      .map((delivery): ClusterEffect => ({
        kind: 'removeDelivery',
        key: `delivery/${delivery.namespace}/${delivery.name}`,
        namespace: delivery.namespace,
        name: delivery.name,
        policy,
      }))
    const stuck = deliveries.value.find(({ message }) => message !== undefined)
    const why = stuck === undefined ? '' : `; ${stuck.namespace}/${stuck.name}: ${stuck.message ?? ''}`
    return wait(`It is being removed; ${deliveries.value.length} deliveries are on their way out${why}`, effects)
  }
  const gone: ClusterEffect[] = [
    { kind: 'deleteCredential', key: `credential/${uid}` },
    { kind: 'removeFinalizer', key: `finalizer/${uid}/gone` },
  ]
  if (connection.state === 'connecting')
    return wait('It is being removed; whether it can be reached is being found out', [])
  if (connection.state === 'lost') {
    const message = `Cluster ${name} could not be reached when it was removed: what Flotilla keeps there (namespaces, bindings, admission policies, its service account) is left as it is`
    return {
      objects: known([]),
      effects: [{ kind: 'recordLeft', key: `left/${uid}`, message }, ...gone],
      status: { ...status, message },
      next: settled,
    }
  }
  if (!member.known) return wait(`It is being removed; what is kept there is not known: ${member.reason}`, [])
  const { owners } = observed
  if (!owners.known) return wait(owners.reason, [])
  const kept = [...member.value.owned, ...member.value.namespaces.values()].filter(
    ({ owner, deleting }) => !deleting && owner !== undefined && owners.value.has(owner),
  )
  if (kept.length > 0)
    return wait(`It is being removed; projects still have to let go of ${kept.length} objects there`, [])
  const probe = leftProbe(member)
  if (observed.network.run.state === 'running' || probe !== undefined)
    return wait('It is being removed; what measured its network is being put away', [
      { kind: 'removeNetworkProbe', key: `network-probe/${probe?.uid ?? ''}` },
    ])
  const own = [
    ...computeAbsentees(known([]), member, platformOwner),
    ...computeOrphans({ ...observed, swept: known(new Set()) }),
  ]
  return {
    objects: known([]),
    effects: [
      ...own.map(pruneOf),
      // whether the cluster knows such policies is of no matter: one that does not has none
      guardOf('unguard', object),
      { kind: 'leaveMember', key: `leave/${uid}` },
      ...gone,
    ],
    status: { ...status, message: 'It is being removed' },
    next: settled,
  }
}

function withoutUndefined<T extends object>(value: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  // only fields that are undefined are left out, and the callers' fields are all optional
  return Object.fromEntries(Object.entries(value).filter(([, child]) => child !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>
  }
}
