import {
  type CustomRole,
  customRole,
  finalizer,
  known,
  type Known,
  type KubeObject,
  labels,
  platformGroup,
  projectGroup,
  projectNamespace,
  refOf,
  retry,
  type RoleScope,
  roleRules,
  settled,
  unknown,
  waiting,
  workspaceGroup,
} from '@flotilla/model'
import { type Decision, type DesiredObject, type Effect, hostCluster } from './decision.ts'
import { clusterRole, clusterRoleBinding, namespacedRole } from './ownership/bindings.ts'
import { computeReady, observedGeneration } from './ownership/ready.ts'
import {
  type ClusterSight,
  computeAbsentees,
  hostRoleName,
  memberRoleName,
  type OwnedSight,
} from './ownership/sights.ts'

/** Where a role belongs: only there it may be given. */
export interface RolePlace {
  readonly scope: RoleScope
  /** uid of the Workspace or Project; empty for the platform. */
  readonly uid: string
}

/** A project in which the role holds. */
export interface RoleProject {
  readonly name: string
  readonly uid: string
  /** Its declarations are the platform's: see `hostBindings`. */
  readonly clusterScope: boolean
  /** Namespaces that are its own for certain. */
  readonly targets: readonly { readonly cluster: string; readonly namespace: string }[]
}

export interface CustomRoleObserved {
  /** `value` undefined: there is no such workspace or project, or it is on its way out. */
  readonly place: Known<RolePlace | undefined>
  readonly projects: Known<readonly RoleProject[]>
  readonly host: Known<ClusterSight>
  /** Every cluster of the fleet that does not leave it. */
  readonly clusters: Known<readonly string[]>
  /** By name; what is not here is not known. */
  readonly members: ReadonlyMap<string, Known<ClusterSight>>
  /** Who has it: names of people, and groups in words. Sorted. */
  readonly holders: Known<readonly string[]>
  /** What clusters, and the host by its empty name, said to the last writing. */
  readonly refused: ReadonlyMap<string, string>
}

export type CustomRoleStatus = NonNullable<CustomRole['status']>
export type CustomRoleEffect =
  | (Effect & { readonly kind: 'addFinalizer' | 'removeFinalizer' })
  | (Effect & { readonly kind: 'prune'; readonly cluster: string; readonly object: OwnedSight })
export type CustomRoleDecision = Decision<CustomRoleStatus, CustomRoleEffect>

/**
 * Whether it holds rules in a member: those are written as the administrators of the place, so that each API server
 * refuses by itself what they do not have there. Bindings are written as the platform, and what the host has is chosen
 * from a list that holds no more.
 */
export const isWrittenAsAdministrator = ({ cluster, object: { kind } }: DesiredObject): boolean =>
  cluster !== hostCluster && (kind === 'Role' || kind === 'ClusterRole')

const mostShown = 50

/**
 * A custom role is a Role with its binding wherever the place is: in the host's namespaces by what was chosen, in the
 * clusters also by rules of its own.
 */
export function reconcileCustomRole({
  object,
  observed,
  now,
}: {
  readonly object: CustomRole
  readonly observed: CustomRoleObserved
  /** RFC 3339, UTC. */
  readonly now: string
}): CustomRoleDecision {
  const { uid = '' } = object.metadata
  const { place, projects, host, clusters, holders } = observed
  const held = object.metadata.finalizers?.includes(finalizer) === true
  const given = holders.known
    ? { givenTo: holders.value.slice(0, mostShown), givenCount: holders.value.length }
    : { givenTo: object.status?.givenTo, givenCount: object.status?.givenCount }
  const status = (ready: Parameters<typeof computeReady>[1], of = object.status?.clusters): CustomRoleStatus => ({
    ...observedGeneration(object),
    conditions: computeReady(object, ready, now),
    ...(given.givenTo === undefined ? {} : { givenTo: given.givenTo, givenCount: given.givenCount ?? 0 }),
    ...(of === undefined ? {} : { clusters: of }),
  })
  const missing = [place, projects, host, clusters, holders].find((part) => !part.known)
  if (!place.known || !projects.known || !host.known || !clusters.known || !holders.known) {
    const reason = missing?.known === false ? missing.reason : 'not everything is known'
    const said =
      object.status?.conditions === undefined
        ? status({ status: 'Unknown', reason: 'NotSeen', message: reason })
        : object.status
    return { objects: unknown(reason), effects: [], status: said, next: retry(reason) }
  }
  const prunes = (wanted: readonly DesiredObject[]): CustomRoleEffect[] =>
    [[hostCluster, host] as const, ...observed.members].flatMap(([cluster, sight]) => {
      const here = wanted.filter((wish) => wish.cluster === cluster).map((wish) => refOf(wish.object))
      return computeAbsentees(known(here), sight, uid).map((seen): CustomRoleEffect => ({
        kind: 'prune',
        key: `prune/${cluster}/${seen.uid}`,
        cluster,
        object: seen,
      }))
    })
  const goes = object.metadata.deletionTimestamp !== undefined
  if (place.value === undefined || (goes && holders.value.length === 0)) {
    const message = goes ? 'It is being removed' : 'The workspace or project that it belongs to is not there'
    // what a lost cluster keeps is swept when it is back: until then nobody is in the group that it is bound to
    const effects = [
      ...prunes([]),
      ...(goes && held ? [{ kind: 'removeFinalizer' as const, key: `finalizer/${uid}/gone` }] : []),
    ]
    const said = status({ status: 'False', reason: goes ? 'Removing' : 'NoPlace', message }, [])
    return { objects: known([]), effects, status: said, next: settled }
  }
  const objects = objectsOf(object, place.value, observed, projects.value, clusters.value)
  const states = statesOf(object, place.value, observed, projects.value, clusters.value)
  const effects: CustomRoleEffect[] = [
    ...(held || goes ? [] : [{ kind: 'addFinalizer' as const, key: `finalizer/${uid}` }]),
    ...prunes(objects),
  ]
  return {
    objects: known(objects),
    effects,
    status: status(goes ? inUse(holders.value) : readyOf(states, observed.refused.get(hostCluster)), states),
    next: states.some(({ state }) => state === 'Refused')
      ? waiting(30, 'a cluster refused it')
      : goes
        ? waiting(30, 'it is given to somebody')
        : settled,
  }
}

/** Whoever has the role of administrator in the place. */
export function administratorsOf({ scope, uid }: RolePlace): string {
  switch (scope) {
    case 'platform':
      return platformGroup('admin')
    case 'workspace':
      return workspaceGroup(uid, 'admin')
    case 'project':
      return projectGroup(uid, 'admin')
    default:
      return scope satisfies never
  }
}

/** The group of those who have it. */
export function customRoleGroup({ scope, uid }: RolePlace, roleUid: string): string {
  const role = customRole(roleUid)
  if (scope === 'platform') return platformGroup(role)
  return scope === 'workspace' ? workspaceGroup(uid, role) : projectGroup(uid, role)
}

function objectsOf(
  { metadata, spec }: CustomRole,
  place: RolePlace,
  { members }: CustomRoleObserved,
  projects: readonly RoleProject[],
  clusters: readonly string[],
): DesiredObject[] {
  const { uid = '', namespace = '' } = metadata
  const { scope } = place
  const own = customRoleGroup(place, uid)
  const ours = { [labels.managed]: 'role', [labels.owner]: uid }
  const seen = clusters.filter((cluster) => members.get(cluster)?.known === true)
  const wide = (cluster: string, name: string, rules: ReturnType<typeof roleRules>): DesiredObject[] =>
    rules.length === 0
      ? []
      : [
          { cluster, object: clusterRole(name, rules, ours) },
          { cluster, object: clusterRoleBinding({ name, role: name, groups: [own], labels: ours }) },
        ]
  if (scope === 'platform')
    return [
      ...wide(hostCluster, hostRoleName(uid), roleRules(scope, spec, 'host')),
      ...seen.flatMap((cluster) => wide(cluster, memberRoleName(uid), roleRules(scope, spec, 'targets'))),
    ]
  const inside = (
    cluster: string,
    at: string,
    groups: string[],
    rules: ReturnType<typeof roleRules>,
  ): DesiredObject[] => {
    if (rules.length === 0) return []
    const { role, binding } = namespacedRole({ namespace: at, name: memberRoleName(uid), rules, groups, labels: ours })
    return [role, binding].map((one: KubeObject) => ({ cluster, object: one }))
  }
  const inProject = roleRules(scope, spec, 'project')
  const inTargets = roleRules(scope, spec, 'targets')
  return [
    ...(scope === 'workspace' ? inside(hostCluster, namespace, [own], roleRules(scope, spec, 'workspace')) : []),
    ...projects.flatMap((project) => {
      // an API token that is narrowed to a project stands for the role in that project
      const groups = scope === 'workspace' ? [own, projectGroup(project.uid, customRole(uid))] : [own]
      const targets = project.targets.filter(({ cluster }) => seen.includes(cluster))
      return [
        ...(project.clusterScope ? [] : inside(hostCluster, projectNamespace(project.name), groups, inProject)),
        ...targets.flatMap(({ cluster, namespace: at }) => inside(cluster, at, groups, inTargets)),
      ]
    }),
  ]
}

function statesOf(
  { spec }: CustomRole,
  { scope }: RolePlace,
  { members, refused }: CustomRoleObserved,
  projects: readonly RoleProject[],
  clusters: readonly string[],
): NonNullable<CustomRoleStatus['clusters']> {
  if (roleRules(scope, spec, 'targets').length === 0) return []
  const used = new Set(projects.flatMap(({ targets }) => targets.map(({ cluster }) => cluster)))
  return clusters
    .filter((cluster) => scope === 'platform' || used.has(cluster))
    .map((cluster) => {
      const sight = members.get(cluster)
      const no = refused.get(cluster)
      if (sight?.known !== true)
        return { cluster, state: 'Unknown', message: sight?.reason ?? `${cluster} has not been reached yet` }
      return no === undefined ? { cluster, state: 'Ready' } : { cluster, state: 'Refused', message: no.slice(0, 2048) }
    })
}

function readyOf(
  states: NonNullable<CustomRoleStatus['clusters']>,
  inHost: string | undefined,
): Parameters<typeof computeReady>[1] {
  if (inHost !== undefined) return { status: 'False', reason: 'Refused', message: `The host: ${inHost}`.slice(0, 2048) }
  const first = states.find(({ state }) => state === 'Refused')
  if (first !== undefined)
    return { status: 'False', reason: 'Refused', message: `${first.cluster}: ${first.message ?? ''}`.slice(0, 2048) }
  const open = states.filter(({ state }) => state === 'Unknown').map(({ cluster }) => cluster)
  if (open.length > 0)
    return {
      status: 'Unknown',
      reason: 'ClustersOpen',
      message: `Not in force yet in ${open.slice(0, 5).join(', ')}${open.length > 5 ? ' ...' : ''}, which cannot be reached`,
    }
  return { status: 'True', reason: 'Ready', message: 'It is in force' }
}

const inUse = (holders: readonly string[]): Parameters<typeof computeReady>[1] => ({
  status: 'False',
  reason: 'InUse',
  message: `It still is given to ${holders.slice(0, 5).join(', ')}${holders.length > 5 ? ` and ${holders.length - 5} more` : ''}. Take it from them, and it goes`,
})
