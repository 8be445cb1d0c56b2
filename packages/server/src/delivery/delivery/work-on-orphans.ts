import { asFlotillaError, type FlotillaError, labels, type Next, retry, settled, waiting } from '@flotilla/model'
import { recordFinding } from '../../fleet/record-finding.ts'
import type { Workbench } from './deps.ts'
import { DeliveryMemory } from './delivery-memory.ts'
import { forgetOrphan, listOrphans, type Orphan } from './orphans.ts'
import { finishHook } from './run-hook.ts'
import { sweepOrphan } from './sweep-orphan.ts'

const retrySweepSeconds = 30
/** Rights that were taken away may come back by themselves: bindings are put back. After this long they do not. */
const longestForbiddenMs = 600_000

export interface OrphanBench extends Pick<Workbench, 'deps' | 'owners' | 'counters'> {
  /** uid of a removed Delivery -> since when its sweep is forbidden. */
  readonly forbiddenSince: Map<string, number>
}

/** What removed Deliveries left behind in a cluster that is back, or let go of before they saw it. */
export async function workOnOrphans(bench: OrphanBench, cluster: string, signal: AbortSignal): Promise<Next> {
  const { deps } = bench
  const { host } = deps.fleet
  if (deps.fleet.get(cluster)?.connection.state !== 'connected') return settled
  let failed = ''
  for (const orphan of await listOrphans(host, cluster, deps.log, signal)) {
    const { delivery, policy } = orphan
    const client = deps.fleet.deliveryClient(cluster, delivery.spec.project.uid)
    if (!client.known) return retry(client.reason)
    try {
      const memory = new DeliveryMemory()
      await sweepOrphan({ ...bench, delivery, memory, client: client.value, signal }, orphan)
      await forgetOrphan(host, orphan, signal)
      bench.forbiddenSince.delete(uidOf(orphan))
      deps.log.info('orphan swept', { cluster, application: delivery.spec.application.name, policy })
    } catch (thrown) {
      signal.throwIfAborted()
      const error = asFlotillaError(thrown)
      if (await isOver(bench, orphan, error, signal)) {
        await forgetOrphan(host, orphan, signal)
        bench.forbiddenSince.delete(uidOf(orphan))
      } else failed = error.message
    }
  }
  return failed === '' ? settled : waiting(retrySweepSeconds, failed)
}

/** Nobody may sweep there any more: what is to be kept is kept as it is, and with its namespace everything went. */
async function isOver(bench: OrphanBench, orphan: Orphan, error: FlotillaError, signal: AbortSignal): Promise<boolean> {
  if (error.code !== 'kube.forbidden') return false
  const { deps, forbiddenSince } = bench
  const { delivery, policy, hook } = orphan
  const { metadata, spec } = delivery
  const { cluster, namespace } = spec.target
  const platform = deps.fleet.client(cluster)
  if (!platform.known) return false
  const found = await platform.value.find({ group: '', version: 'v1', kind: 'Namespace', name: namespace }, { signal })
  if (found === undefined) return true
  if (hook !== undefined && (policy === 'Keep' || found.metadata.deletionTimestamp !== undefined)) {
    await finishHook({ ...bench, delivery, client: platform.value, signal }, hook, false)
  }
  const now = deps.clock.elapsed()
  const since = forbiddenSince.get(uidOf(orphan)) ?? now
  forbiddenSince.set(uidOf(orphan), since)
  if (policy === 'Delete' && now - since < longestForbiddenMs) return false
  const name = spec.application.name
  const message =
    policy === 'Keep'
      ? `${name} was removed and its objects in ${cluster}/${namespace} kept; they still carry the labels of Flotilla, and the ConfigMap of what was brought is still there: ${error.message}`
      : `${name} was removed, but its objects in ${cluster}/${namespace} could not be: the project has no rights there any more. Delete what has the label ${labels.delivery}=${metadata.uid ?? ''}: ${error.message}`
  const finding = {
    key: `kept/${metadata.uid ?? ''}`,
    reason: 'LeftBehind',
    message,
    at: new Date(deps.clock.now()).toISOString(),
  }
  await recordFinding(deps.fleet.host, deps.log, finding, signal)
  return true
}

const uidOf = ({ delivery }: Orphan): string => delivery.metadata.uid ?? ''
