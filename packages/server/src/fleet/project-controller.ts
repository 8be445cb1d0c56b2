import { type Controller, failpoint, pruneObjects, writeStatus } from '@flotilla/engine'
import {
  canonicalJson,
  choosesCluster,
  known,
  type Known,
  type Next,
  type Project,
  projectNamespace,
  refKey,
  retry,
  settled,
  targetKey,
  unknown,
  type Workspace,
  workspaceNamespace,
} from '@flotilla/model'
import {
  grantOf,
  type ProjectCluster,
  type ProjectEffect,
  type ProjectObserved,
  quotaName,
  reconcileProject,
  ungranted,
} from '@flotilla/reconcile'
import { type FleetDeps, nowOf, splitKey } from './controller-deps.ts'
import { clientOf, executeDesired } from './execute-desired.ts'
import { addFinalizer, removeFinalizer } from './finalizers.ts'
import { createNamespace, deleteNamespace, inspectNamespace, releaseNamespace } from './namespace-steps.ts'
import { recordFinding } from './record-finding.ts'

/** How long an answer of what is in a namespace counts: long enough to be decided on, no longer. */
const inspectionMs = 15_000

/** Keeps each Project's namespaces in the host and in its targets, and who may act there. */
export function createProjectController(deps: FleetDeps): Controller {
  const { host, state, clock } = deps
  const inspected = new Map<string, { readonly foreign: readonly string[]; readonly at: number }>()

  function foreign(): Map<string, readonly string[]> {
    for (const [key, { at }] of inspected) if (clock.elapsed() - at > inspectionMs) inspected.delete(key)
    return new Map([...inspected].map(([key, answer]) => [key, answer.foreign]))
  }

  async function execute(effect: ProjectEffect, signal: AbortSignal): Promise<void> {
    if (effect.kind === 'recordLeft') {
      const { key, message } = effect
      return recordFinding(host, deps.log, { key, message, reason: 'LeftBehind', at: nowOf(clock) }, signal)
    }
    // the first and the last of a pass, where they are
    if (!('cluster' in effect)) return
    const client = clientOf(deps, effect.cluster)
    if (!client.known) return
    switch (effect.kind) {
      case 'createNamespace':
        return createNamespace(client.value, effect.object, signal)
      case 'deleteNamespace':
        return deleteNamespace(client.value, effect.namespace, effect.uid, signal)
      case 'releaseNamespace':
        return releaseNamespace(client.value, effect.namespace, effect.uid, signal)
      case 'inspectNamespace': {
        const found = await inspectNamespace(client.value, effect.namespace, signal)
        if (found.length > 0)
          deps.log.info('namespace kept', {
            cluster: effect.cluster,
            namespace: effect.namespace,
            holds: found.slice(0, 5).join(', '),
          })
        inspected.set(effect.key, { foreign: found, at: clock.elapsed() })
        return
      }
      case 'prune': {
        const { failures } = await pruneObjects(client.value, [effect.object], signal)
        if (failures[0] !== undefined) throw failures[0].error
        // what is gone was written last by nobody
        deps.members.workbench(effect.cluster)?.memory.forget(refKey(effect.object.ref))
        return
      }
      default:
        effect satisfies never
    }
  }

  return {
    name: 'project',
    concurrency: 4,
    work: async (key, signal): Promise<Next> => {
      const { namespace, name } = splitKey(key)
      let object = state.projects.get(namespace, name)
      if (object === undefined) return settled
      const decision = reconcileProject({
        object,
        observed: observeProject(deps, object, foreign()),
        now: nowOf(clock),
      })
      if (decision.effects.some(({ kind }) => kind === 'addFinalizer')) {
        object = await addFinalizer(host, object, signal)
        failpoint('project.finalizer')
      }
      // what a cluster may use is written down before it is written there: so nobody counts on too little of it
      const allocates = canonicalJson(decision.status.quota ?? {}) !== canonicalJson(object.status?.quota ?? {})
      if (allocates) await writeStatus(host, object, decision.status, { signal })
      const failures = await executeDesired(deps, decision.objects, signal)
      failpoint('project.objects')
      for (const effect of decision.effects) {
        await execute(effect, signal)
        failpoint(`project.${effect.kind}`)
      }
      if (!allocates) await writeStatus(host, object, decision.status, { signal })
      failpoint('project.status')
      if (decision.effects.some(({ kind }) => kind === 'removeFinalizer')) {
        await removeFinalizer(host, object, signal)
        return settled
      }
      const [failure] = failures
      if (failure !== undefined) return retry(failure)
      // what was asked of a namespace was answered in this pass: the next one decides on it
      return decision.effects.some(({ kind }) => kind === 'inspectNamespace')
        ? { next: 'waiting', seconds: 0, reason: 'it was looked at' }
        : decision.next
    },
  }
}

function observeProject(
  deps: FleetDeps,
  object: Project,
  foreign: ReadonlyMap<string, readonly string[]>,
): ProjectObserved {
  const { state, members, hostSight } = deps
  const { name, namespace = '' } = object.metadata
  const workspace = workspaceOf(deps, namespace)
  const clusters = clustersOf(deps, workspace)
  const inside = projectNamespace(name)
  return {
    workspace,
    clusters,
    foreign,
    rivals: state.projects
      .list()
      .filter((other) => other.metadata.name === name && other.metadata.uid !== object.metadata.uid),
    host: hostSight.sight(),
    members: new Map(
      clusters.known ? clusters.value.map((cluster) => [cluster.name, members.sight(cluster.name)]) : [],
    ),
    unsettled: unsettledOf(deps, object),
    grant: workspace.known ? grantOf(object, workspace.value) : ungranted,
    applications: namesIn(state.applications, inside),
    delivered: deliveredIn(deps, inside),
  }
}

/** Where the ResourceQuota that is seen is not the one that was written last. */
function unsettledOf({ members }: FleetDeps, { status }: Project): Set<string> {
  const unsettled = new Set<string>()
  for (const target of status?.quota?.targets ?? []) {
    const bench = members.workbench(target.cluster)
    const ref = { group: '', version: 'v1', kind: 'ResourceQuota', namespace: target.namespace, name: quotaName }
    const written = bench?.memory.written(refKey(ref))
    if (bench === undefined || written === undefined) continue
    const live = bench.live(ref)
    const seen = live.known ? live.value : undefined
    if (seen?.uid !== written.uid || seen.resourceVersion !== written.resourceVersion) unsettled.add(targetKey(target))
  }
  return unsettled
}

function workspaceOf({ state }: FleetDeps, namespace: string): Known<Workspace | undefined> {
  const found = state.workspaces.list().find(({ metadata }) => workspaceNamespace(metadata.name) === namespace)
  if (found === undefined && state.workspaces.unreadable.size > 0) return unknown('A Workspace cannot be read')
  return known(found)
}

/** Every cluster of the fleet: those that the workspace may not use, or that leave, are left by the project. */
function clustersOf(
  { state, fleet }: FleetDeps,
  workspace: Known<Workspace | undefined>,
): Known<readonly ProjectCluster[]> {
  const [unreadable] = state.clusters.unreadable.keys()
  if (unreadable !== undefined) return unknown(`Cluster ${unreadable.slice(1)} cannot be read`)
  const choice = workspace.known ? workspace.value?.spec.clusters : undefined
  return known(
    state.clusters.list().map((cluster): ProjectCluster => {
      const { name, labels = {}, deletionTimestamp } = cluster.metadata
      const connection = fleet.get(name)?.connection ?? { state: 'connecting' as const }
      return {
        name,
        labels,
        networkPolicy: cluster.status?.networkPolicy,
        removing: deletionTimestamp !== undefined || !choosesCluster(choice, { name, labels }),
        connection:
          'reason' in connection ? { state: connection.state, reason: connection.reason } : { state: connection.state },
      }
    }),
  )
}

function namesIn(kind: FleetDeps['state']['applications'], namespace: string): Known<readonly string[]> {
  const unreadable = [...kind.unreadable.keys()].find((key) => key.startsWith(`${namespace}/`))
  if (unreadable !== undefined) return unknown(`Application ${unreadable} cannot be read`)
  return known(
    kind
      .list(namespace)
      .map(({ metadata }) => metadata.name)
      .sort(),
  )
}

function deliveredIn({ state }: FleetDeps, namespace: string): Known<ReadonlySet<string>> {
  const unreadable = [...state.deliveries.unreadable.keys()].find((key) => key.startsWith(`${namespace}/`))
  if (unreadable !== undefined) return unknown(`Delivery ${unreadable} cannot be read`)
  return known(new Set(state.deliveries.list(namespace).map(({ spec }) => targetKey(spec.target))))
}
