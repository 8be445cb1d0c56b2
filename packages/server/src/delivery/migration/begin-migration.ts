import { failpoint } from '@flotilla/engine'
import type { Clock, KubeClient } from '@flotilla/kube'
import { asFlotillaError, type Known, type KubeObject, unknown } from '@flotilla/model'
import { hookRunAnnotation } from '@flotilla/reconcile'
import type { FleetConnections } from '../../fleet/connections.ts'
import type { MigrationClaim, MigrationEnd, MigrationLedger, MigrationRecord } from '../../store/migration-ledger.ts'
import { observeObject } from '../runs/observe-run.ts'
import { stepRunAnnotation } from '../runs/step-run.ts'
import { computeMigrationEnd } from './migration-end.ts'

export interface MigrationDeps {
  readonly ledger: MigrationLedger
  readonly clock: Clock
  readonly fleet: Pick<FleetConnections, 'get' | 'deliveryClient'>
}

export type MigrationTurn =
  /** It is ours to run. `fresh`: nobody can have created its Job before. */
  | { readonly mine: true; readonly fresh: boolean; readonly record: MigrationRecord }
  /** Somebody else runs it, or it has ended. */
  | { readonly mine: false; readonly record: MigrationRecord }

/**
 * Records that this holder is to run it, unless it ran or runs. Of another holder that does not end its own, as its server or its
 * rollout is gone, the end is recorded for it.
 */
export async function beginMigration(
  deps: MigrationDeps,
  claim: MigrationClaim,
  signal: AbortSignal,
): Promise<MigrationTurn> {
  let begun = await deps.ledger.begin(claim)
  if (!begun.mine && begun.record.state === 'Running') {
    const end = await findEndOfOther(deps, begun.record, signal)
    if (end === undefined) return { mine: false, record: begun.record }
    await deps.ledger.end(claim, begun.record.holder, end)
    failpoint('migration-ended-for-other')
    begun = await deps.ledger.begin(claim)
  }
  const { mine, record } = begun
  return mine ? { mine, record, fresh: record.startedAt === claim.startedAt } : { mine, record }
}

/** Longer than any request, and any server that comes back, may take between the intent and its Job. */
const createdWithinMs = 15 * 60_000

/**
 * How the run of another holder ended, as its cluster shows it. Undefined: it runs, or may still be begun, or the cluster cannot be asked.
 * What nobody can look at any more (its cluster or namespace left) is uncertain after a while: nobody is to wait for it forever.
 */
export async function findEndOfOther(
  { clock, fleet }: Pick<MigrationDeps, 'clock' | 'fleet'>,
  record: MigrationRecord,
  signal: AbortSignal,
): Promise<MigrationEnd | undefined> {
  const { cluster } = record.job
  const at = new Date(clock.now()).toISOString()
  const late = clock.now() - Date.parse(record.startedAt) > createdWithinMs
  const lost: MigrationEnd | undefined = late
    ? { state: 'Uncertain', message: `it was begun on ${cluster}, and nothing of it is to be found there`, at }
    : undefined
  if (fleet.get(cluster) === undefined) return lost
  const client = memberClient(fleet, cluster, record.projectUid)
  if (!client.known) return undefined
  try {
    const object = await findRun(client.value, record, signal)
    if (object === undefined) return lost
    // what another application wrote is not shown to this one
    const tell = async () => ({ clean: (text: string) => text, withLog: false })
    return computeMigrationEnd(await observeObject(client.value, object, tell, signal), at)
  } catch (thrown) {
    signal.throwIfAborted()
    return asFlotillaError(thrown).code === 'kube.forbidden' ? lost : undefined
  }
}

/** A member as the project's delivery group; unknown where it cannot be asked now. */
export function memberClient(fleet: MigrationDeps['fleet'], cluster: string, projectUid: string): Known<KubeClient> {
  const state = fleet.get(cluster)?.connection.state
  if (state === undefined) return unknown(`there is no cluster ${cluster} in the fleet`)
  return state === 'connected' ? fleet.deliveryClient(cluster, projectUid) : unknown(`cluster ${cluster} is ${state}`)
}

/** A hook may be a Pod; what runs for a step is a Job. */
async function findRun(
  client: KubeClient,
  { job: { namespace, name }, holder }: MigrationRecord,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  for (const kind of [
    { group: 'batch', version: 'v1', kind: 'Job' },
    { group: '', version: 'v1', kind: 'Pod' },
  ]) {
    const object = await client.find({ ...kind, namespace, name }, { signal })
    if (object !== undefined && isRunOf(object, holder)) return object
  }
  return undefined
}

/** A holder is, or ends with, what its object carries. */
export function isRunOf({ metadata: { annotations = {} } }: KubeObject, holder: string): boolean {
  return [stepRunAnnotation, hookRunAnnotation].some((name) => {
    const run = annotations[name]
    return run !== undefined && run !== '' && (holder === run || holder.endsWith(`/${run}`))
  })
}

/**
 * Whether the namespace was made after the migration began. A Job with our finalizer does not vanish by itself, so one that is not
 * there was never created, unless its namespace, or the whole cluster, went and came again. A clock of the member that is ahead makes
 * this true where it need not be: then a person is asked, in the moment after a kill.
 */
export async function isNamespaceYounger(
  client: KubeClient,
  namespace: string,
  startedAt: string,
  signal: AbortSignal,
): Promise<boolean> {
  const found = await client.find({ group: '', version: 'v1', kind: 'Namespace', name: namespace }, { signal })
  const { creationTimestamp } = found?.metadata ?? {}
  return creationTimestamp === undefined || Date.parse(creationTimestamp) > Date.parse(startedAt)
}
