import type { KubeClient } from '@flotilla/kube'
import { type Controller, failpoint, pruneObjects, writeStatus } from '@flotilla/engine'
import {
  asFlotillaError,
  apiVersion,
  type Cluster,
  type Delivery,
  fieldManager,
  group,
  isIsolated,
  known,
  type Known,
  type Next,
  retry,
  settled,
  systemNamespace,
  unknown,
  version,
} from '@flotilla/model'
import { type ClusterEffect, type ClusterObserved, computeOrphans, reconcileCluster } from '@flotilla/reconcile'
import { agentSecretName } from './agents/agent-secret.ts'
import { leaveAgent } from './agents/leave-agent.ts'
import type { NetworkChecks } from './network/network-checks.ts'
import { removeProbe } from './network/measure-network.ts'
import { type FleetDeps, nowOf } from './controller-deps.ts'
import { executeDesired } from './execute-desired.ts'
import { addFinalizer, removeFinalizer } from './finalizers.ts'
import { createMemberGuards, type MemberGuards } from './member-guards.ts'
import { leaveMember } from './member-account.ts'
import { readOrphanProjects } from './orphan-projects.ts'
import { recordFinding } from './record-finding.ts'

/** Says what each Cluster is like, and keeps the platform's own roles in it. */
export function createClusterController(deps: FleetDeps, checks: NetworkChecks): Controller {
  const { host, state, clock } = deps
  /** Key -> uid of what was let go of, until the watch says so, too: without its credential it would look lost. */
  const released = new Map<string, string | undefined>()
  const guards = createMemberGuards(deps)
  return {
    name: 'cluster',
    concurrency: 8,
    work: async (key, signal): Promise<Next> => {
      let object = state.clusters.get('', key.slice(1))
      if (object === undefined || object.metadata.uid !== released.get(key)) released.delete(key)
      if (object === undefined || released.has(key)) return settled
      const observed = await observeCluster(deps, checks, object, signal)
      if (observed === undefined) return { next: 'waiting', seconds: 1, reason: 'it was not taken up yet' }
      const decision = reconcileCluster({ object, observed, now: nowOf(clock) })
      if (decision.effects.some(({ kind }) => kind === 'addFinalizer')) {
        object = await addFinalizer(host, object, signal)
        failpoint('cluster.finalizer')
      }
      const failures = await executeDesired(deps, decision.objects, signal)
      failpoint('cluster.objects')
      // before the effects: the last of them take the object away
      await writeStatus(host, object, decision.status, { signal })
      failpoint('cluster.status')
      for (const effect of decision.effects) {
        await execute(deps, { checks, guards }, object, effect, signal)
        failpoint(`cluster.${effect.kind}`)
        if (effect.kind === 'removeFinalizer') released.set(key, object.metadata.uid)
      }
      const [failure] = failures
      return failure === undefined ? decision.next : retry(failure)
    },
  }
}

async function observeCluster(
  deps: FleetDeps,
  checks: NetworkChecks,
  object: Cluster,
  signal: AbortSignal,
): Promise<ClusterObserved | undefined> {
  const { fleet, members, state } = deps
  const { name } = object.metadata
  const connection = fleet.get(name)?.connection
  if (connection === undefined) return undefined
  const seen = { member: members.sight(name), owners: ownersOf(deps) }
  // asked for only where something would be taken away
  const goes = computeOrphans({ ...seen, swept: known(new Set()) }).length > 0
  return {
    connection,
    facts: members.facts(name),
    ...seen,
    network: { wanted: isIsolationWanted(deps, name), run: checks.run(name) },
    swept: goes ? await readOrphanProjects(deps.host, name, signal) : known(new Set()),
    deliveries: complete(
      state.deliveries,
      state.deliveries
        .list()
        .filter(({ spec }) => spec.target.cluster === name)
        .map(({ metadata, spec, status }) => ({
          namespace: metadata.namespace ?? '',
          name: metadata.name,
          deleting: metadata.deletionTimestamp !== undefined,
          policy: spec.deletionPolicy,
          message: status?.phase === 'Removing' ? status.message : undefined,
        })),
    ),
  }
}

/** Whether a project that asks for isolation has pods there. */
const isIsolationWanted = ({ state }: FleetDeps, name: string): boolean =>
  state.projects
    .list()
    .some(
      ({ spec, status }) =>
        isIsolated(spec.network) &&
        status?.targets?.some(({ cluster, state: is }) => cluster === name && is === 'Ready') === true,
    )

const leave = ({ spec }: Cluster, member: KubeClient, signal: AbortSignal): Promise<void> =>
  spec.connection.type === 'agent' ? leaveAgent(member, signal) : leaveMember(member, signal)

function ownersOf({ state }: FleetDeps): Known<ReadonlySet<string>> {
  const { projects, credentials, customRoles } = state
  const owners = [...projects.list(), ...credentials.list(), ...customRoles.list()]
  const uids: Known<ReadonlySet<string>> = known(new Set(owners.map(({ metadata }) => metadata.uid ?? '')))
  return [projects, credentials, customRoles].reduce((all, kind) => (all.known ? complete(kind, all.value) : all), uids)
}

/** A value made of all objects of a kind counts only when all of them could be read. */
function complete<T>(kind: { readonly unreadable: ReadonlyMap<string, string> }, value: T): Known<T> {
  const [unreadable] = kind.unreadable.keys()
  return unreadable === undefined ? known(value) : unknown(`${unreadable} cannot be read`)
}

async function execute(
  deps: FleetDeps,
  { checks, guards }: { readonly checks: NetworkChecks; readonly guards: MemberGuards },
  object: Cluster,
  effect: ClusterEffect,
  signal: AbortSignal,
): Promise<void> {
  const { host, fleet, clock, log } = deps
  const { name } = object.metadata
  const member = fleet.client(name)
  switch (effect.kind) {
    case 'addFinalizer':
      return
    case 'guard':
      return guards.keep(object, effect.policies, signal)
    case 'unguard':
      return guards.remove(object, effect.policies, signal)
    case 'removeFinalizer':
      checks.forget(name)
      return removeFinalizer(host, object, signal)
    case 'deleteCredential':
      await host.delete(
        {
          group: '',
          version: 'v1',
          kind: 'Secret',
          namespace: systemNamespace,
          name: object.spec.connection.secretName ?? agentSecretName(name),
        },
        { signal },
      )
      return
    case 'removeDelivery':
      return removeDelivery(deps, effect, signal)
    case 'prune': {
      if (!member.known) return
      const { failures } = await pruneObjects(member.value, [effect.object], signal)
      if (failures[0] !== undefined) throw failures[0].error
      return
    }
    case 'measureNetwork':
      return checks.start(name, effect)
    case 'removeNetworkProbe':
      await checks.stop(name)
      if (member.known) await removeProbe(member.value, signal)
      return
    case 'leaveMember':
      if (member.known) await leave(object, member.value, signal)
      return
    case 'recordLeft': {
      const { key, message } = effect
      return recordFinding(host, log, { key, message, reason: 'LeftBehind', at: nowOf(clock) }, signal)
    }
    default:
      effect satisfies never
  }
}

/** The policy and the deletion hold together by the resourceVersion: nobody can put another policy in between. */
async function removeDelivery(
  { host }: FleetDeps,
  { namespace, name, policy }: Extract<ClusterEffect, { kind: 'removeDelivery' }>,
  signal: AbortSignal,
): Promise<void> {
  const key = { group, version, kind: 'Delivery', namespace, name }
  try {
    const body = { apiVersion, kind: 'Delivery', spec: { deletionPolicy: policy } satisfies Partial<Delivery['spec']> }
    const { metadata } = await host.patch(key, { type: 'merge', body }, { fieldManager, signal })
    failpoint('cluster.delivery-policy')
    const { uid, resourceVersion } = metadata
    await host.delete(key, {
      signal,
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    })
  } catch (thrown) {
    if (asFlotillaError(thrown).code !== 'kube.not_found') throw thrown
  }
}
