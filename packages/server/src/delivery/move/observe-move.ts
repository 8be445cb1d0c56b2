import {
  Application,
  Delivery,
  endedMovePhases,
  endedPhases,
  group,
  type Known,
  known,
  type KubeObject,
  type Move,
  type MovePhase,
  parseInput,
  type Project,
  Rollout,
  type TargetRef,
  targetKey,
  unknown,
  version,
} from '@flotilla/model'
import { type ActingSight, computePairs, type MoveObserved } from '@flotilla/reconcile'
import type { FleetConnections } from '../../fleet/connections.ts'
import type { HostState } from '../../fleet/host-state.ts'
import { observeClusters, observeProject } from '../application/observe-host.ts'
import { inParallel } from '../delivery/in-parallel.ts'
import { observeActing } from './observe-acting.ts'

export interface ObserveMoveDeps {
  readonly state: HostState
  readonly fleet: FleetConnections
}

const mostDeliveries = 10_000
const looksAtOnce = 8

/**
 * Reads what a decision about one move needs, in this order: the application, its Deliveries, the places. What is so of one
 * when the next is read stays so until a move says otherwise, which is why none of it comes from a watch.
 */
export async function observeMove(deps: ObserveMoveDeps, move: Move, signal: AbortSignal): Promise<MoveObserved> {
  const { state, fleet } = deps
  const { host } = fleet
  const { namespace = '' } = move.metadata
  const name = move.spec.application
  const found = await host.find({ group, version, kind: 'Application', namespace, name }, { signal })
  const application: Known<Application | undefined> = known(
    found === undefined ? undefined : parseInput(Application, found),
  )
  const listed = await host.list({ group, version, kind: 'Delivery' }, { namespace, signal, maxItems: mostDeliveries })
  const deliveries = readDeliveries(listed.items, name)
  const project = observeProject(state, namespace)
  const clusters = observeClusters(state, fleet, project, deliveries)
  const phase = move.status?.phase ?? 'Pending'
  const places = placesOf(move, { application, project, clusters })
  const looks = new Map<string, Known<ActingSight>>()
  if (!endedMovePhases.includes(phase) && project.known && project.value !== undefined) {
    const { value } = project
    await inParallel(places, looksAtOnce, async (place) => {
      looks.set(targetKey(place), await lookAt(deps, value, name, place, signal))
    })
  }
  const rollouts = asksRollouts.has(phase)
    ? await observeRollouts(deps, { namespace, application: name, begun: phase !== 'Pending' }, signal)
    : known([])
  return { application, project, clusters, deliveries, looks, rollouts }
}

/** One that cannot be read might be the very one that acts. */
function readDeliveries(items: readonly KubeObject[], application: string): Known<Delivery[]> {
  const deliveries: Delivery[] = []
  for (const item of items) {
    const parsed = Delivery.safeParse(item)
    if (!parsed.success) return unknown(`Delivery ${item.metadata.name} cannot be read`)
    if (parsed.data.spec.application.name === application) deliveries.push(parsed.data)
  }
  return known(deliveries)
}

function placesOf(
  move: Move,
  { application, project, clusters }: Pick<MoveObserved, 'application' | 'project' | 'clusters'>,
): TargetRef[] {
  const both = (pairs: readonly { from: TargetRef; to: TargetRef }[]) => pairs.flatMap(({ from, to }) => [from, to])
  if (move.status?.pairs !== undefined) return both(move.status.pairs)
  if (!application.known || !project.known || !clusters.known) return []
  if (application.value === undefined || project.value === undefined) return []
  const question = { move: move.spec, application: application.value, project: project.value, clusters: clusters.value }
  const found = computePairs(question)
  return 'refused' in found ? [] : both(found.pairs)
}

async function lookAt(
  { fleet }: ObserveMoveDeps,
  { metadata, spec }: Project,
  application: string,
  { cluster, namespace }: TargetRef,
  signal: AbortSignal,
): Promise<Known<ActingSight>> {
  const connection = fleet.get(cluster)?.connection
  if (connection === undefined) return unknown(`there is no cluster ${cluster} in the fleet`)
  if (connection.state === 'lost') return unknown(`the cluster ${cluster} cannot be reached: ${connection.reason}`)
  if (connection.state === 'connecting') return unknown(`the cluster ${cluster} is being connected`)
  const client = fleet.deliveryClient(cluster, metadata.uid ?? '')
  if (!client.known) return client
  const everywhere = spec.scope === 'Cluster'
  return observeActing({
    client: client.value,
    application,
    namespace: everywhere ? undefined : namespace,
    signal,
  })
}

/** Before it begins, and while one may bring it to a place, or still write there. */
const asksRollouts: ReadonlySet<MovePhase> = new Set([
  'Pending',
  'Preparing',
  'UndoRestoringSource',
  'UndoRemovingTarget',
])

/** @param begun only those: what has not begun waits until the move is over */
async function observeRollouts(
  { fleet }: ObserveMoveDeps,
  {
    namespace,
    application,
    begun,
  }: { readonly namespace: string; readonly application: string; readonly begun: boolean },
  signal: AbortSignal,
): Promise<Known<string[]>> {
  const { items } = await fleet.host.list({ group, version, kind: 'Rollout' }, { namespace, signal, maxItems: 10_000 })
  const names: string[] = []
  for (const item of items) {
    const parsed = Rollout.safeParse(item)
    if (!parsed.success) return unknown(`Rollout ${item.metadata.name} cannot be read`)
    const { metadata, spec, status } = parsed.data
    const runs = status?.phase === undefined || !endedPhases.includes(status.phase)
    const counts = runs && (!begun || status?.snapshot !== undefined)
    if (spec.application === application && counts) names.push(metadata.name)
  }
  return known(names)
}
