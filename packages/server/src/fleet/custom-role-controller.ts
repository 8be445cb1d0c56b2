import { type Controller, failpoint, pruneObjects, writeStatus } from '@flotilla/engine'
import {
  type CustomRole,
  known,
  type Known,
  type Next,
  type Project,
  projectNamespace,
  retry,
  roleScopeOf,
  settled,
  unknown,
  workspaceNamespace,
} from '@flotilla/model'
import {
  administratorsOf,
  type CustomRoleObserved,
  hostCluster,
  isWrittenAsAdministrator,
  reconcileCustomRole,
  type RolePlace,
  type RoleProject,
  rulesUser,
} from '@flotilla/reconcile'
import { type FleetDeps, nowOf, splitKey } from './controller-deps.ts'
import { clientOf, writeDesired } from './execute-desired.ts'
import { addFinalizer, removeFinalizer } from './finalizers.ts'

/** Keeps each CustomRole wherever its place is, and says where a cluster refused it and who has it. */
export function createCustomRoleController(deps: FleetDeps): Controller {
  const { host, state, clock } = deps
  return {
    name: 'custom-role',
    concurrency: 4,
    work: async (key, signal): Promise<Next> => {
      const { namespace, name } = splitKey(key)
      let object = state.customRoles.get(namespace, name)
      if (object === undefined) return settled
      const observed = observe(deps, object)
      const wanted = reconcileCustomRole({ object, observed: { ...observed, refused: new Map() }, now: nowOf(clock) })
      if (wanted.effects.some(({ kind }) => kind === 'addFinalizer')) {
        object = await addFinalizer(host, object, signal)
        failpoint('custom-role.finalizer')
      }
      const refused = new Map<string, string>()
      let unwritten: string | undefined
      if (wanted.objects.known && observed.place.known && observed.place.value !== undefined) {
        const group = administratorsOf(observed.place.value)
        // the groups are what the rules are measured by
        const as = (cluster: string) => {
          const client = clientOf(deps, cluster)
          return client.known ? known(client.value.as({ user: rulesUser, groups: [group] })) : client
        }
        const [rules, rest] = [true, false].map((is) =>
          wanted.objects.known ? wanted.objects.value.filter((one) => isWrittenAsAdministrator(one) === is) : [],
        )
        for (const [objects, writer] of [
          [rules, as],
          [rest, undefined],
        ] as const)
          for (const failure of await writeDesired(deps, known(objects ?? []), signal, writer)) {
            const { cluster, reason } = failure
            if (!failure.refused) unwritten ??= reason
            else if (!refused.has(cluster)) refused.set(cluster, reason)
          }
      }
      failpoint('custom-role.objects')
      // what it was told is part of what is decided on
      const decision = reconcileCustomRole({ object, observed: { ...observed, refused }, now: nowOf(clock) })
      for (const effect of decision.effects) {
        if (effect.kind !== 'prune') continue
        const client = clientOf(deps, effect.cluster)
        const outcome = client.known ? await pruneObjects(client.value, [effect.object], signal) : undefined
        if (outcome?.failures[0] !== undefined) throw outcome.failures[0].error
        failpoint('custom-role.prune')
      }
      await writeStatus(host, object, decision.status, { signal })
      failpoint('custom-role.status')
      if (decision.effects.some(({ kind }) => kind === 'removeFinalizer')) await removeFinalizer(host, object, signal)
      unwritten ??= refused.get(hostCluster)
      return unwritten === undefined ? decision.next : retry(unwritten)
    },
  }
}

function observe(deps: FleetDeps, { metadata }: CustomRole): Omit<CustomRoleObserved, 'refused'> {
  const { state, members, hostSight } = deps
  const { namespace = '', name } = metadata
  const place = placeOf(deps, namespace)
  const clusters = state.clusters
    .list()
    .filter((cluster) => cluster.metadata.deletionTimestamp === undefined)
    .map((cluster) => cluster.metadata.name)
    .sort()
  const all = state.clusters.list().map((cluster) => cluster.metadata.name)
  return {
    place,
    projects: place.known && place.value !== undefined ? projectsIn(deps, namespace, place.value) : known([]),
    host: hostSight.sight(),
    clusters: readable(state.clusters, clusters),
    members: new Map(all.map((cluster) => [cluster, members.sight(cluster)])),
    holders: readable(
      state.memberships,
      state.memberships
        .list(namespace)
        .filter(({ spec }) => spec.role === name)
        .map(({ spec }) =>
          spec.group === undefined ? (spec.user ?? '') : `group ${spec.group.name} of ${spec.group.provider}`,
        )
        .sort(),
    ),
  }
}

/** The workspace or project whose host namespace it is; undefined when it is gone, or goes. */
function placeOf({ state }: FleetDeps, namespace: string): Known<RolePlace | undefined> {
  const scope = roleScopeOf(namespace)
  switch (scope) {
    case 'platform':
      return known({ scope, uid: '' })
    case 'workspace': {
      const found = state.workspaces.list().find(({ metadata }) => workspaceNamespace(metadata.name) === namespace)
      return readable(state.workspaces, stays(found) ? { scope, uid: found.metadata.uid ?? '' } : undefined)
    }
    case 'project': {
      const found = state.projects.list().find(({ status }) => status?.namespace === namespace)
      return readable(state.projects, stays(found) ? { scope, uid: found.metadata.uid ?? '' } : undefined)
    }
    case undefined:
      return known(undefined)
    default:
      return scope satisfies never
  }
}

const stays = <T extends { readonly metadata: { readonly deletionTimestamp?: string | undefined } }>(
  object: T | undefined,
): object is T => object !== undefined && object.metadata.deletionTimestamp === undefined

function projectsIn({ state }: FleetDeps, namespace: string, { scope, uid }: RolePlace): Known<readonly RoleProject[]> {
  if (scope === 'platform') return known([])
  const found = state.projects
    .list(scope === 'workspace' ? namespace : undefined)
    .filter(({ metadata, status }) => status?.namespace === projectNamespace(metadata.name) && stays({ metadata }))
    .filter(({ metadata }) => scope === 'workspace' || metadata.uid === uid)
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  return readable(state.projects, found.map(roleProject))
}

const roleProject = ({ metadata, spec, status }: Project): RoleProject => ({
  name: metadata.name,
  uid: metadata.uid ?? '',
  clusterScope: spec.scope === 'Cluster',
  targets: (status?.targets ?? [])
    .filter(({ state }) => state === 'Ready' || state === 'Unknown')
    .map(({ cluster, namespace }) => ({ cluster, namespace })),
})

/** What is made of all objects of a kind counts only when all of them could be read. */
function readable<T>(kind: { readonly unreadable: ReadonlyMap<string, string> }, value: T): Known<T> {
  const [unreadable] = kind.unreadable.keys()
  return unreadable === undefined ? known(value) : unknown(`${unreadable} cannot be read`)
}
